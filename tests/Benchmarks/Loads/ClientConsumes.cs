using EventBroker.Client;

namespace Benchmarks.Loads;

/// <summary>Through the client package: an ack a message, sent in batches by the client.</summary>
internal sealed class ClientConsumes(Uri server, string eventName) : ConsumeLoad(server, eventName)
{
    // As many unsettled at a time as the generated client, which has no buffer of its own, is allowed by the broker.
    private const int InFlight = 1_000;

    // Results are looked at a little later, as a program does that keeps on working meanwhile.
    private const int Unanswered = 2_000;

    private readonly RemoteTransport _transport = new(new RemoteTransportOptions { Address = server });

    public override async Task RunAsync(long messages, CancellationToken cancellation)
    {
        var options = new SubscribeOptions { WorkerGroup = Group, Start = SubscriptionStart.Beginning, BufferSize = InFlight };
        await using var subscription = await _transport.SubscribeAsync(EventName, options, cancellation);
        var acks = new Queue<Task<SettleResult>>(Unanswered + 1);
        var left = messages;
        await foreach (var delivery in subscription.WithCancellation(cancellation))
        {
            acks.Enqueue(delivery.AckAsync(CancellationToken.None));
            if (acks.Count > Unanswered)
                await CheckAsync(acks.Dequeue());

            if (--left == 0)
                break;
        }

        foreach (var ack in acks)
            await CheckAsync(ack);
    }

    public override async ValueTask DisposeAsync()
    {
        await _transport.DisposeAsync();
        await base.DisposeAsync();
    }

    private static async ValueTask CheckAsync(Task<SettleResult> ack)
    {
        if (await ack != SettleResult.Settled)
            throw new InvalidOperationException($"An ack was answered with {await ack}.");
    }
}
