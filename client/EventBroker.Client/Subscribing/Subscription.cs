using EventBroker.Client.Subscribing;

namespace EventBroker.Client;

/// <summary>An open subscription: an endless sequence of deliveries that outlives its connection.</summary>
/// <typeparam name="TDelivery"><see cref="Delivery"/>, or <see cref="Delivery{T}"/> where the messages have a type.</typeparam>
/// <remarks>
/// <para>After a cut the stream is opened anew. With a worker group or a consumer id the broker knows where it stopped; otherwise
/// it goes on behind the last message up to which everything was settled, and what was settled beyond that is not shown again. Messages that
/// were unsettled come again, with a higher <see cref="Delivery.RetryCount"/>; the settlement of their older deliveries is
/// <see cref="SettleResult.Expired"/>.</para>
/// <para>Several loops may read one subscription; each delivery goes to one of them. The order of deliveries is the order in which
/// the broker sends them.</para>
/// <para>One thing is given up: a message that stays unsettled while 100 000 behind it are settled does not come again after a
/// reconnect in mode broadcast without a consumer id; that is logged.</para>
/// </remarks>
public sealed class Subscription<TDelivery> : IAsyncEnumerable<TDelivery>, IAsyncDisposable
    where TDelivery : Delivery
{
    private readonly Subscriber _subscriber;
    private readonly Func<Delivery, TDelivery?> _read;

    internal Subscription(Subscriber subscriber, Func<Delivery, TDelivery?> read)
    {
        _subscriber = subscriber;
        _read = read;
    }

    /// <summary>Gets the event.</summary>
    public string EventName => _subscriber.EventName;

    /// <summary>Gets the cursor behind which the first delivery lies, so that a program that stores cursors with its own data has one to begin
    /// with; empty where the broker can't replay, and for a worker group.</summary>
    public string StartCursor => _subscriber.StartCursor;

    /// <summary>Gets a task that ends when the subscription has ended and everything that came was taken: with the exception that ended
    /// it, or without one after <see cref="DisposeAsync"/>.</summary>
    public Task Completion => _subscriber.Completion;

    /// <summary>Enumerates the deliveries, until the subscription is disposed. Ending the enumeration does not end the subscription; another one
    /// goes on where it stopped.</summary>
    /// <param name="cancellationToken">Ends the enumeration with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The enumerator. It throws an <see cref="EventBrokerException"/> when the subscription has ended: the event does not exist, the call
    /// was denied, or it could not be opened again as often as <see cref="RemoteTransportOptions.Reconnect"/> allows.</returns>
    public async IAsyncEnumerator<TDelivery> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        while (await _subscriber.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            while (_subscriber.TryRead(out var delivery))
            {
                if (_read(delivery) is { } read)
                {
                    yield return read;
                    cancellationToken.ThrowIfCancellationRequested();
                }
            }
        }
    }

    /// <summary>Ends the subscription: settlements made so far are sent first; what is unsettled goes back to the broker. Does not wait for
    /// programs that still handle a delivery: settle first, then dispose.</summary>
    /// <returns>A task that ends when the stream is closed.</returns>
    public ValueTask DisposeAsync() => _subscriber.DisposeAsync();
}
