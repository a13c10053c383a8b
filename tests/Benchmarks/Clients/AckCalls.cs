using System.Threading.Channels;
using EventBroker.Protos.Event.V1;

namespace Benchmarks.Clients;

/// <summary>Sends Ack requests, several at a time, and makes sure that every entry was settled.</summary>
internal sealed class AckCalls(GrpcConnection connection, bool expectResults)
{
    private const string Method = "/event.v1.EventService/Ack";
    private const int InFlight = 8;

    /// <summary>Gets how many entries were settled since the start.</summary>
    public ReceivedCounter Settled { get; } = new();

    /// <summary>Sends requests until the reader is at its end.</summary>
    public Task SendAllAsync(ChannelReader<byte[]> requests, CancellationToken cancellation) =>
        Task.WhenAll(Enumerable.Range(0, InFlight).Select(_ => SendAsync(requests, cancellation)));

    /// <summary>Sends one request, and does not count it.</summary>
    public async Task CallAsync(byte[] request, CancellationToken cancellation)
    {
        var reply = AckResponse.Parser.ParseFrom(await connection.CallAsync(Method, new ByteArrayContent(request), cancellation));
        if (expectResults && (reply.Results.Count != AckCollector.EntriesPerRequest || reply.Results.Any(result => result != AckResult.Settled)))
            throw new InvalidOperationException($"Not every entry of an Ack was settled: {reply}");
    }

    private async Task SendAsync(ChannelReader<byte[]> requests, CancellationToken cancellation)
    {
        try
        {
            await foreach (var request in requests.ReadAllAsync(cancellation))
            {
                await CallAsync(request, cancellation);
                Settled.Add(AckCollector.EntriesPerRequest);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The load has ended.
        }
        catch (Exception fault)
        {
            Settled.Fail(fault);
        }
    }
}
