using Microsoft.AspNetCore.Http;

namespace Benchmarks.Bare;

/// <summary>Reads a publish request to its end and answers it, without looking at either.</summary>
internal static class BareRest
{
    private static readonly byte[] Reply = "{\"id\":\"01JQ8ZK3V5T6W7X8Y9ZABCDEFG\"}"u8.ToArray();

    public static async Task PublishAsync(HttpContext context)
    {
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted);
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                break;
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Reply.Length;
        await context.Response.BodyWriter.WriteAsync(Reply, context.RequestAborted);
    }
}
