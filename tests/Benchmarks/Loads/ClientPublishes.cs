using EventBroker.Client;

namespace Benchmarks.Loads;

/// <summary>Publishes through the client package, a fixed number of them under way at a time, each with a call of its own or sharing one.</summary>
internal sealed class ClientPublishes(Uri server, string eventName, int inFlight, bool shareCalls = true) : ILoad
{
    private static readonly OutgoingMessage Message = new()
    {
        Payload = SampleMessage.Payload,
        Metadata = new Dictionary<string, string>(SampleMessage.Metadata),
    };

    private readonly RemoteTransport _transport = new(new RemoteTransportOptions { Address = server, ShareCalls = shareCalls });

    public async Task RunAsync(long messages, CancellationToken cancellation)
    {
        var left = messages;
        await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => PublishAsync()));

        async Task PublishAsync()
        {
            while (Interlocked.Decrement(ref left) >= 0)
                await _transport.PublishAsync(eventName, Message, cancellation);
        }
    }

    public ValueTask DisposeAsync() => _transport.DisposeAsync();
}
