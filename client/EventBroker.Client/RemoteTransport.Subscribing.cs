using EventBroker.Client.Options;
using EventBroker.Client.Subscribing;

namespace EventBroker.Client;

// From the broker.
public sealed partial class RemoteTransport
{
    /// <summary>Opens a subscription. While the broker is out of reach it is tried again as <see cref="RemoteTransportOptions.Reconnect"/>
    /// says; a refusal (no such event, denied, an option that can't be honoured) is thrown at once.</summary>
    /// <param name="eventName">The event.</param>
    /// <param name="options">What to ask for; null: every message from now on. Copied.</param>
    /// <param name="cancellationToken">Gives up opening it; has no effect afterwards.</param>
    /// <returns>The subscription, once the broker has accepted it: a message published from now on reaches it. To be disposed.</returns>
    /// <exception cref="ArgumentException">The options contradict themselves or hold values out of range.</exception>
    /// <exception cref="EventBrokerException">NOT_FOUND, FAILED_PRECONDITION, a denial, or the broker stayed out of reach.</exception>
    public async Task<Subscription<Delivery>> SubscribeAsync(
        string eventName, SubscribeOptions? options = null, CancellationToken cancellationToken = default) =>
        new(await OpenAsync(eventName, options, Delivery.Create, cancellationToken).ConfigureAwait(false), static delivery => delivery);

    internal async Task<Subscriber> OpenAsync(
        string eventName,
        SubscribeOptions? options,
        Func<Subscriber, IncomingMessage, int, long, Delivery> createDelivery,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(eventName);
        var snapshot = OptionsSnapshot.Of(options ?? new SubscribeOptions());
        if (SubscribeOptionsRules.FindFaults(snapshot) is { Count: > 0 } faults)
        {
            throw new ArgumentException(string.Join("; ", faults), nameof(options));
        }

        var subscriber = new Subscriber(this, _connection, _headers, eventName, snapshot, createDelivery);
        lock (_lock)
        {
            ThrowIfDisposed();
            _subscribers.Add(subscriber);
        }

        try
        {
            await subscriber.OpenAsync(cancellationToken).ConfigureAwait(false);
            return subscriber;
        }
        catch (OperationCanceledException) when (_isDisposed && !cancellationToken.IsCancellationRequested)
        {
            await subscriber.DisposeAsync().ConfigureAwait(false);
            throw new EventBrokerException(ErrorCode.Cancelled, "the transport was disposed while the subscription was opened");
        }
        catch
        {
            await subscriber.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
