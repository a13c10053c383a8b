using System.Diagnostics.CodeAnalysis;
using EventBroker.Client.Bus;

namespace EventBroker.Client;

/// <summary>An event whose messages are values of one type. Made by <see cref="EventBus.Event{T}"/>; safe for concurrent use.</summary>
/// <typeparam name="T">What the event's messages say.</typeparam>
#pragma warning disable RS0026 // The handler, which has no default, tells the overloads of SubscribeAsync apart.
public sealed class Event<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>
{
    private readonly EventBus _bus;
    private readonly IEventCodec<T> _codec;

    internal Event(EventBus bus, string name, IEventCodec<T> codec)
    {
        _bus = bus;
        Name = name;
        _codec = codec;
    }

    /// <summary>Gets the event's name.</summary>
    public string Name { get; }

    /// <summary>Registers the event unless it exists.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it was registered by this call, as <see cref="RemoteTransport.RegisterAsync"/> says.</returns>
    /// <exception cref="EventBrokerException">INVALID_ARGUMENT, a denial, or the broker is out of reach.</exception>
    public Task<bool> RegisterAsync(CancellationToken cancellationToken = default) =>
        _bus.Transport.RegisterAsync(Name, cancellationToken);

    /// <summary>Removes the event with its messages and ends its subscriptions.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A task that ends when the event is gone.</returns>
    /// <exception cref="EventBrokerException">NOT_FOUND, a denial, or the broker is out of reach.</exception>
    public Task UnregisterAsync(CancellationToken cancellationToken = default) =>
        _bus.Transport.UnregisterAsync(Name, cancellationToken);

    /// <summary>Publishes a value.</summary>
    /// <param name="value">The value; not null.</param>
    /// <param name="options">Id, metadata and source; null: the defaults.</param>
    /// <param name="cancellationToken">Gives up; the message may be published all the same.</param>
    /// <returns>The message's id, once the broker's transport has accepted the message.</returns>
    /// <exception cref="EventBrokerException">As for <see cref="RemoteTransport.PublishAsync"/>; what the codec throws comes
    /// through as it is.</exception>
    public Task<string> PublishAsync(T value, PublishOptions? options = null, CancellationToken cancellationToken = default) =>
        _bus.PublishMiddleware.Count > 0
            ? TypedPublishing.PublishAsync(_bus, Name, _codec, value, options, cancellationToken)
            : _bus.Transport.PublishAsync(Name, OutgoingValues.Encode(_codec, value, options), cancellationToken);

    /// <summary>Publishes several values in few calls, in their order. Each succeeds or fails on its own; a later one may be published
    /// although an earlier one failed.</summary>
    /// <param name="values">The values; none of them null.</param>
    /// <param name="options">Metadata and source of all of them; an id is not allowed. Null: the defaults.</param>
    /// <param name="cancellationToken">Gives up; messages may be published all the same.</param>
    /// <returns>What became of each, in their order.</returns>
    public Task<IReadOnlyList<PublishResult>> PublishBatchAsync(
        IReadOnlyList<T> values, PublishOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (options?.Id is not null)
        {
            throw new ArgumentException("the messages of a batch can't share one id", nameof(options));
        }

        if (_bus.PublishMiddleware.Count > 0)
        {
            return TypedPublishing.PublishBatchAsync(_bus, Name, _codec, values, options, cancellationToken);
        }

        var messages = new OutgoingMessage[values.Count];
        for (var i = 0; i < messages.Length; i++)
        {
            messages[i] = OutgoingValues.Encode(_codec, values[i], options);
        }

        return _bus.Transport.PublishBatchAsync(Name, messages, cancellationToken);
    }

    /// <summary>Subscribes a handler. When it returns, the message is acked; when it throws, the message is given back with the
    /// exception's message and comes again.</summary>
    /// <param name="handler">Handles one message; with <see cref="HandlerOptions.Concurrency"/> above 1, several at a time.</param>
    /// <param name="options">How; null: every message from now on, one after another. Copied.</param>
    /// <param name="cancellationToken">Gives up opening the subscription; has no effect afterwards.</param>
    /// <returns>The subscription, once the broker has accepted it: a message published from now on reaches the handler. To be
    /// disposed.</returns>
    /// <exception cref="ArgumentException">The options contradict themselves or hold values out of range; all faults are named.</exception>
    /// <exception cref="EventBrokerException">As for <see cref="RemoteTransport.SubscribeAsync"/>.</exception>
    public async Task<EventSubscription> SubscribeAsync(
        Func<T, EventContext, Task> handler, HandlerOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(handler);
        var snapshot = HandlerOptionsSnapshot.Of(options ?? new HandlerOptions());
        if (HandlerOptionsRules.FindFaults(Name, snapshot) is { Count: > 0 } faults)
        {
            throw new ArgumentException(string.Join("; ", faults), nameof(options));
        }

        if (!snapshot.Subscription.AutoAck)
        {
            // What is on its way, unread, can't be extended: so no more comes than the buffer and the handlers hold.
            var waiting = snapshot.Subscription.LatestOnly ? 0 : snapshot.Subscription.BufferSize;
            snapshot.Subscription.MaxInFlight ??= waiting + snapshot.Concurrency;

            // Without extensions, too, a handler hears of it when its message is lost.
            snapshot.Subscription.MaxExtension = snapshot.ExtendWhileHandling ? snapshot.MaxExtension : TimeSpan.Zero;
        }

        var subscriber = await _bus.Transport.OpenAsync(
            Name, snapshot.Subscription, Delivery.Create, cancellationToken).ConfigureAwait(false);
        var pipeline = new HandlerPipeline<T>(_bus, snapshot, handler);
        return new EventSubscription(
            subscriber,
            snapshot,
            _bus.Transport.Connection,
            new DeliveryProcessor<T>(_bus, Name, _codec, snapshot, pipeline));
    }

    /// <summary>Opens a subscription, for a program that takes the messages itself: as <see cref="RemoteTransport.SubscribeAsync"/> does, with a
    /// value for each. What can't be decoded is logged, given back with a growing delay and not shown.</summary>
    /// <param name="options">What to ask for; null: every message from now on. Copied.</param>
    /// <param name="cancellationToken">Gives up opening it; has no effect afterwards.</param>
    /// <returns>The subscription, once the broker has accepted it: a message published from now on reaches it. To be disposed.</returns>
    /// <exception cref="ArgumentException">The options contradict themselves or hold values out of range.</exception>
    /// <exception cref="EventBrokerException">As for <see cref="RemoteTransport.SubscribeAsync"/>.</exception>
    public async Task<Subscription<Delivery<T>>> SubscribeAsync(SubscribeOptions? options = null, CancellationToken cancellationToken = default)
    {
        var subscriber = await _bus.Transport.OpenAsync(
            Name,
            options,
            static (subscriber, message, generation, sentAt) => new Delivery<T>(subscriber, message, generation, sentAt),
            cancellationToken).ConfigureAwait(false);
        return new Subscription<Delivery<T>>(subscriber, new DeliveryReader<T>(_bus, Name, _codec).Read);
    }
}
