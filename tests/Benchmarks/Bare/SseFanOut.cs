using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Benchmarks.Bare;

/// <summary>Sends the same bytes, encoded beforehand, to every open SSE connection.</summary>
internal sealed class SseFanOut
{
    private static readonly byte[] Frame = Encoding.UTF8.GetBytes($"id: 0000000000001a2b\nevent: message\ndata: {SampleMessage.DeliveryJson}\n\n");

    private readonly ConnectionSet<PipeWriter> _connections = new();

    public async Task SubscribeAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.BodyWriter.WriteAsync("retry: 5000\n\n: connected\n\n"u8.ToArray(), context.RequestAborted);
        await _connections.HoldAsync(context.Response.BodyWriter, context.RequestAborted);
    }

    public async Task SendAsync(int burst)
    {
        var bytes = SampleMessage.Repeat(Frame, burst);
        foreach (var connection in _connections.Current)
            await connection.WriteAsync(bytes);
    }
}
