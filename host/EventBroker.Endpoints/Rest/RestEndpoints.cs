using System.Buffers;
using System.IO.Pipelines;
using EventBroker.Broker;
using EventBroker.Broker.Publishing;
using EventBroker.Endpoints.Http;
using EventBroker.Endpoints.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace EventBroker.Endpoints.Rest;

// The two calls that are hot: publishing and settling. All others go through JSON transcoding.
internal sealed class RestEndpoints(MessageBroker broker, Bodies bodies)
{
    // What a body may hold beside its payload: metadata with escapes, fields that are passed over.
    private const int BodyHeadroom = 1024 * 1024;

    public async Task PublishAsync(HttpContext http)
    {
        var message = await DecodeBodyAsync(http, PublishJson.Decode);
        message.WriteSource(MessageSource.Of(http.Request));
        var published = await broker.PublishAsync(
            HttpCaller.Of(http, Protocols.Rest), (string)http.Request.RouteValues["event"]!, message, http.RequestAborted);
        await WriteAsync(http, published);
    }

    public async Task AckAsync(HttpContext http)
    {
        var entries = await DecodeBodyAsync(http, body => AckJson.Decode(body, broker.Options.MaxItemsPerCall));
        await broker.SettleAsync(HttpCaller.Of(http, Protocols.Rest), entries, http.RequestAborted);
        await ErrorBody.WriteJsonAsync(http, StatusCodes.Status200OK, AckJson.Encode(entries));
    }

    private async ValueTask<T> DecodeBodyAsync<T>(HttpContext http, Func<ReadOnlySpan<byte>, T> decode)
    {
        var body = await ReadBodyAsync(http);
        try
        {
            return decode(body.IsSingleSegment ? body.FirstSpan : body.ToArray());
        }
        finally
        {
            http.Request.BodyReader.AdvanceTo(body.End);
        }
    }

    private ValueTask<ReadOnlySequence<byte>> ReadBodyAsync(HttpContext http)
    {
        // The limit counted here is answered with the contract's own error.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        // Base64 takes four bytes for three.
        var limit = (int)Math.Min(((long)broker.Options.MaxMessageBytes / 3 * 4) + BodyHeadroom, int.MaxValue);
        return bodies.ReadAllAsync(http.Request.BodyReader, limit, http.RequestAborted);
    }

    private static ValueTask<FlushResult> WriteAsync(HttpContext http, Published published)
    {
        var id = published.Id.Span;
        var end = published.IsDuplicate ? ",\"duplicate\":true}"u8 : "}"u8;
        var response = http.Response;
        response.ContentType = "application/json";
        var length = 8 + JsonText.MaxLength(id) + end.Length;
        var room = response.BodyWriter.GetSpan(length);
        "{\"id\":"u8.CopyTo(room);
        var written = 6 + JsonText.WriteString(id, room[6..]);
        end.CopyTo(room[written..]);
        written += end.Length;
        response.ContentLength = written;
        response.BodyWriter.Advance(written);
        return response.BodyWriter.FlushAsync(http.RequestAborted);
    }
}
