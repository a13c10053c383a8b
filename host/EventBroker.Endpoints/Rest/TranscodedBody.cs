using System.Text;
using EventBroker.Endpoints.Http;
using EventBroker.Protos.Event.V1;
using Google.Protobuf;
using Microsoft.AspNetCore.Grpc.JsonTranscoding;
using Microsoft.AspNetCore.Http;

namespace EventBroker.Endpoints.Rest;

// Closes what transcoding does otherwise with bodies: it insists on a content type and on something to read. And registering, whose route has
// no body in the contract that is shared, takes its options from one as well.
internal static class TranscodedBody
{
    // No such request is anywhere near it.
    private const int MaxLength = 64 * 1024;

    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    public static RequestDelegate Around(RequestDelegate next, GrpcJsonTranscodingMetadata method, Bodies bodies)
    {
        if (method.HttpRule.Body.Length > 0)
        {
            return async http =>
            {
                var body = await ReadAsync(http, bodies);
                http.Request.ContentType = "application/json";
                http.Request.Body = new MemoryStream(body.Length == 0 ? "{}"u8.ToArray() : body);
                await next(http);
            };
        }

        return method.MethodDescriptor.InputType == RegisterEventRequest.Descriptor
            ? async http =>
            {
                RegisterOptions.CheckQuery(http.Request.Query);
                if (await ReadAsync(http, bodies) is { Length: > 0 } body)
                {
                    http.Features.Set(new RegisterOptions(Parse(body).Options));
                }

                await next(http);
            }
        : next;
    }

    // Without white space around it.
    private static async ValueTask<byte[]> ReadAsync(HttpContext http, Bodies bodies)
    {
        var body = await bodies.ReadAllAsync(http.Request.BodyReader, MaxLength, http.RequestAborted);
        var bytes = System.Buffers.BuffersExtensions.ToArray(body);
        http.Request.BodyReader.AdvanceTo(body.End);
        var text = bytes.AsSpan().Trim(" \r\n\t"u8).ToArray();
        if (text.Length > 0)
        {
            JsonFields.Check(text);
        }

        return text;
    }

    private static RegisterEventRequest Parse(byte[] body)
    {
        try
        {
            return Parser.Parse<RegisterEventRequest>(Encoding.UTF8.GetString(body));
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or InvalidJsonException)
        {
            throw JsonFields.Invalid(exception.Message);
        }
    }
}
