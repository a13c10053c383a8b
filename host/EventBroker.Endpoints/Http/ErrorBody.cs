using System.Buffers;
using System.Text.Json;
using EventBroker.Sdk.Errors;
using Microsoft.AspNetCore.Http;

namespace EventBroker.Endpoints.Http;

// {"code","message","details"}: the body of every error over HTTP.
internal static class ErrorBody
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Task WriteAsync(HttpContext context, BrokerException failure) =>
        WriteAsync(context, Statuses.ToHttp(failure.Code), failure.Code, failure.Message, Refusals.Reason(failure));

    public static Task WriteAsync(HttpContext context, int status, BrokerErrorCode code, string message, string? reason = null)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteNumber("code"u8, (int)code);
            json.WriteString("message"u8, message);
            json.WriteStartArray("details"u8);
            json.WriteEndArray();
            if (reason is not null)
            {
                json.WriteString("reason"u8, reason);
            }

            json.WriteEndObject();
        }

        return WriteJsonAsync(context, status, buffer.WrittenMemory);
    }

    public static Task WriteJsonAsync(HttpContext context, int status, ReadOnlyMemory<byte> json)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = json.Length;

        // Not until the request is aborted: that is what may have to be told, and the server ends what nobody takes.
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(json, CancellationToken.None).AsTask();
    }
}
