using System.Globalization;
using System.Text;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace Benchmarks.Loads;

/// <summary>Publishes into a backend, a fixed number of messages under way at a time: through the transport, or as a program does that has no
/// broker.</summary>
internal sealed class BackendPublishes(Func<EncodedMessage, Task> publish, int inFlight) : ILoad
{
    private long _number;

    /// <summary>Publishes through a transport.</summary>
    /// <param name="transport">Publishes.</param>
    /// <param name="eventName">To it.</param>
    /// <param name="inFlight">How many are under way at a time.</param>
    /// <param name="hasIds">Whether the publisher gave the ids, so that the transport has to look for duplicates.</param>
    public static BackendPublishes ByTransport(ITransport transport, string eventName, int inFlight, bool hasIds) => new(
        message => transport.PublishAsync(
            eventName, new TransportMessage(message) { HasGeneratedId = !hasIds }, CancellationToken.None).AsTask(),
        inFlight);

    public async Task RunAsync(long messages, CancellationToken cancellation)
    {
        var left = messages;
        await Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => PublishAsync()));

        async Task PublishAsync()
        {
            while (Interlocked.Decrement(ref left) >= 0)
                await publish(NextMessage());
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // Each has an id of its own, or it would be a duplicate.
    private EncodedMessage NextMessage()
    {
        Span<byte> id = stackalloc byte[20];
        Interlocked.Increment(ref _number).TryFormat(id, out var length, default, CultureInfo.InvariantCulture);
        var encoder = new MessageEncoder(450);
        encoder.WriteId(id[..length]);
        encoder.WriteSource("remote");
        foreach (var (key, value) in SampleMessage.Metadata)
            encoder.WriteMetadata(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value));

        encoder.WritePayload(SampleMessage.Payload);
        encoder.WriteTimestamp(new MessageTimestamp(1_767_323_045, 0));
        return encoder.Build();
    }
}
