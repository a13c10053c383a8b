using System.Text;
using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Conformance.Transports;

/// <summary>A subscription with its signal, read as the broker reads: until it gives less than asked for, then after the
/// next signal.</summary>
public sealed class TestSubscriber : IAsyncDisposable
{
    private readonly TimeSpan _patience;

    /// <summary>Initializes a subscriber.</summary>
    /// <param name="subscription">The open subscription.</param>
    /// <param name="ready">The signal that it was opened with.</param>
    /// <param name="patience">How long to wait for a signal that must come.</param>
    public TestSubscriber(ITransportSubscription subscription, ReadyProbe ready, TimeSpan patience)
    {
        Subscription = subscription;
        Ready = ready;
        _patience = patience;
    }

    /// <summary>Gets the subscription.</summary>
    public ITransportSubscription Subscription { get; }

    /// <summary>Gets its signal.</summary>
    public ReadyProbe Ready { get; }

    /// <summary>Gets the payload of a delivery as text.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <returns>The text.</returns>
    public static string Text(Delivery delivery) => Encoding.UTF8.GetString(delivery.Message.GetPayload());

    /// <summary>Reads once.</summary>
    /// <param name="count">How many to ask for.</param>
    /// <param name="maxBytes">How many bytes to ask for.</param>
    /// <returns>What was there.</returns>
    public IReadOnlyList<Delivery> ReadOnce(int count = 64, int maxBytes = int.MaxValue)
    {
        var buffer = new Delivery[count];
        return buffer[..Subscription.Read(buffer, maxBytes)];
    }

    /// <summary>Reads until so many have come.</summary>
    /// <param name="count">How many.</param>
    /// <returns>Exactly so many deliveries.</returns>
    public async Task<IReadOnlyList<Delivery>> TakeAsync(int count)
    {
        var taken = new List<Delivery>();
        while (taken.Count < count)
        {
            // Before the read: the signal may come at once.
            var next = Ready.Next;
            var wanted = Math.Min(64, count - taken.Count);
            var read = ReadOnce(wanted);
            taken.AddRange(read);
            if (read.Count < wanted)
            {
                await next.WaitAsync(_patience);
            }
        }

        return taken;
    }

    /// <summary>Reads until so many have come, as text.</summary>
    /// <param name="count">How many.</param>
    /// <returns>The payloads.</returns>
    public async Task<string[]> TakeTextAsync(int count) => [.. (await TakeAsync(count)).Select(Text)];

    /// <summary>Reads one message, completes it and waits until the backend has taken that.</summary>
    /// <returns>Its payload.</returns>
    public async Task<string> CompleteNextAsync()
    {
        var delivery = (await TakeAsync(1))[0];
        Subscription.Complete(delivery);
        await Subscription.FlushAsync(CancellationToken.None);
        return Text(delivery);
    }

    /// <summary>Writes the cursor of a delivery.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <returns>The cursor; empty if there is none.</returns>
    public string Cursor(Delivery delivery)
    {
        var buffer = new byte[SubscribeOptions.MaxCursorLength];
        return Encoding.ASCII.GetString(buffer, 0, Subscription.FormatCursor(delivery, buffer));
    }

    /// <summary>Writes the cursor behind which the first delivery lies; to be asked before the first read.</summary>
    /// <returns>The cursor; empty if there is none.</returns>
    public string StartCursor()
    {
        var buffer = new byte[SubscribeOptions.MaxCursorLength];
        return Encoding.ASCII.GetString(buffer, 0, Subscription.FormatStartCursor(buffer));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Subscription.DisposeAsync();
}
