using System.Text;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

/// <summary>A subscription with its broker's side, read as the broker reads: until it gives less than asked for, then after a demand
/// and the next signal.</summary>
public sealed class TestSubscriber : IAsyncDisposable
{
    private readonly TimeSpan _patience;

    /// <summary>Initializes a subscriber.</summary>
    /// <param name="subscription">The open subscription.</param>
    /// <param name="probe">The broker's side that it was opened with.</param>
    /// <param name="patience">How long to wait for a signal that must come.</param>
    public TestSubscriber(ITransportSubscription subscription, SubscriberProbe probe, TimeSpan patience)
    {
        Subscription = subscription;
        Probe = probe;
        _patience = patience;
    }

    /// <summary>Gets the subscription.</summary>
    public ITransportSubscription Subscription { get; }

    /// <summary>Gets the broker's side.</summary>
    public SubscriberProbe Probe { get; }

    /// <summary>Gets the cursor behind which the first delivery lies; empty if there is none.</summary>
    public string StartCursor => Subscription.StartCursor ?? "";

    /// <summary>Gets the payload of a delivery as text.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <returns>The text.</returns>
    public static string Text(Delivery delivery) => Encoding.UTF8.GetString(delivery.Message.GetPayload());

    /// <summary>Writes the cursor of a delivery.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <returns>The cursor; empty if there is none.</returns>
    public static string Cursor(Delivery delivery)
    {
        var buffer = new byte[ResumeCursor.MaxLength];
        return Encoding.ASCII.GetString(buffer, 0, delivery.Cursor?.Write(delivery.Position, buffer) ?? 0);
    }

    /// <summary>Reads once.</summary>
    /// <param name="count">How many to ask for.</param>
    /// <param name="maxBytes">How many bytes to ask for.</param>
    /// <returns>What was there.</returns>
    public IReadOnlyList<Delivery> ReadOnce(int count = 64, int maxBytes = int.MaxValue)
    {
        var buffer = new Delivery[count];
        var read = buffer[..Subscription.Read(buffer, maxBytes)];
        if (Subscription.TracksSettlement)
        {
            Probe.Hold(read);
        }

        return read;
    }

    /// <summary>Says that it waits for more.</summary>
    /// <param name="count">How many at the most.</param>
    /// <returns>A task that ends with the next signal.</returns>
    public Task Demand(int count = 64)
    {
        // Before the demand: the signal may come at once.
        var next = Probe.Next;
        Subscription.Demand(count);
        return next;
    }

    /// <summary>Reads until nothing is there, which must be at once, and says that it waits for more.</summary>
    /// <param name="count">How many at the most.</param>
    /// <returns>A task that ends with the next signal.</returns>
    public Task DemandWhenEmpty(int count = 64)
    {
        Assert.Empty(ReadOnce());
        return Demand(count);
    }

    /// <summary>Reads until so many have come.</summary>
    /// <param name="count">How many.</param>
    /// <returns>Exactly so many deliveries.</returns>
    public async Task<IReadOnlyList<Delivery>> TakeAsync(int count)
    {
        var taken = new List<Delivery>();
        while (taken.Count < count)
        {
            var wanted = Math.Min(64, count - taken.Count);
            var read = ReadOnce(wanted);
            taken.AddRange(read);
            if (read.Count < wanted)
            {
                await Demand(wanted - read.Count).WaitAsync(_patience);
            }
        }

        return taken;
    }

    /// <summary>Reads the next one.</summary>
    /// <returns>The delivery.</returns>
    public async Task<Delivery> TakeOneAsync() => (await TakeAsync(1))[0];

    /// <summary>Reads until so many have come, as text.</summary>
    /// <param name="count">How many.</param>
    /// <returns>The payloads.</returns>
    public async Task<string[]> TakeTextAsync(int count) => [.. (await TakeAsync(count)).Select(Text)];

    /// <summary>Reads one message and completes it.</summary>
    /// <returns>Its payload.</returns>
    public async Task<string> CompleteNextAsync()
    {
        var delivery = await TakeOneAsync();
        Assert.Equal([SettlementOutcome.Done], await CompleteAsync(delivery));
        return Text(delivery);
    }

    /// <summary>Completes deliveries in one call.</summary>
    /// <param name="deliveries">The deliveries.</param>
    /// <returns>What became of each.</returns>
    public Task<SettlementOutcome[]> CompleteAsync(params IEnumerable<Delivery> deliveries) => SettleAsync(deliveries.Select(Complete));

    /// <summary>Makes the entry that completes a delivery.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <returns>The entry.</returns>
    public static TransportSettlement Complete(Delivery delivery) => new()
    {
        Delivery = delivery,
        Action = SettlementAction.Complete,
        Reason = SettlementReason.Acked,
        Attempts = delivery.RetryCount + 1,
    };

    /// <summary>Gives one delivery back.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <param name="delay">How long it waits.</param>
    /// <param name="reason">Why.</param>
    /// <param name="attempts">How often it was handed over; null for once more than its retry count, unless it was never sent.</param>
    /// <returns>What became of it.</returns>
    public async Task<SettlementOutcome> ReleaseAsync(
        Delivery delivery, TimeSpan delay = default, SettlementReason reason = SettlementReason.Nacked, int? attempts = null) =>
        (await SettleAsync([Release(delivery, delay, reason, attempts)]))[0];

    /// <summary>Makes the entry that gives a delivery back.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <param name="delay">How long it waits.</param>
    /// <param name="reason">Why.</param>
    /// <param name="attempts">How often it was handed over; null for once more than its retry count, unless it was never sent.</param>
    /// <returns>The entry.</returns>
    public static TransportSettlement Release(
        Delivery delivery, TimeSpan delay = default, SettlementReason reason = SettlementReason.Nacked, int? attempts = null) => new()
        {
            Delivery = delivery,
            Action = SettlementAction.Release,
            Reason = reason,
            Delay = delay,
            Attempts = attempts ?? delivery.RetryCount + (reason == SettlementReason.NeverSent ? 0 : 1),
        };

    /// <summary>Settles in one call. What the transport leaves undecided counts as failed.</summary>
    /// <param name="settlements">The deliveries and what becomes of them.</param>
    /// <returns>What became of each.</returns>
    public async Task<SettlementOutcome[]> SettleAsync(params IEnumerable<TransportSettlement> settlements)
    {
        var entries = settlements.ToArray();
        await Subscription.SettleAsync(entries, CancellationToken.None);
        foreach (var entry in entries.Where(static e => e.Outcome is SettlementOutcome.Done or SettlementOutcome.LeaseLost))
        {
            Probe.Drop(entry.Delivery);
        }

        return [.. entries.Select(static e => e.Outcome == SettlementOutcome.Pending ? SettlementOutcome.Failed : e.Outcome)];
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Subscription.DisposeAsync();
}
