using System.Diagnostics.CodeAnalysis;
using EventBroker.Client.Bus;
using Microsoft.Extensions.DependencyInjection;

namespace EventBroker.Client;

/// <summary>Events with a type: what is published and handled are values of the program, not bytes.</summary>
/// <remarks>Make one per transport and keep it; it is safe for concurrent use. It logs where the transport logs, has its clock, and its
/// measurements come from the same meter. It holds nothing of its own: subscriptions end when they are disposed, or with the transport.</remarks>
public sealed class EventBus
{
    private readonly CodecSelector _codecs;

    /// <summary>Initializes a bus.</summary>
    /// <param name="transport">The broker. Not disposed by the bus.</param>
    /// <param name="options">What applies to all events; null: the defaults. Copied.</param>
    public EventBus(RemoteTransport transport, EventBusOptions? options = null)
        : this(transport, options, scopes: null)
    {
    }

    internal EventBus(RemoteTransport transport, EventBusOptions? options, IServiceScopeFactory? scopes)
    {
        ArgumentNullException.ThrowIfNull(transport);
        options ??= new EventBusOptions();
        Transport = transport;
        Scopes = scopes;
        Middleware = [.. options.Middleware];
        PublishMiddleware = [.. options.PublishMiddleware];
        Metrics = new BusMetrics(transport.Connection.Metrics);
        _codecs = new CodecSelector(options);
    }

    internal RemoteTransport Transport { get; }

    internal BusMetrics Metrics { get; }

    internal IReadOnlyList<IEventMiddleware> Middleware { get; }

    internal IReadOnlyList<Func<PublishContext, Func<Task>, Task>> PublishMiddleware { get; }

    // Where every message gets its services from; null outside of dependency injection.
    internal IServiceScopeFactory? Scopes { get; }

    /// <summary>Gives an event its type. Asks nothing of the broker.</summary>
    /// <typeparam name="T">What the event's messages say.</typeparam>
    /// <param name="name">The event: 1 to 200 characters out of <c>A-Z a-z 0-9 . _ -</c>, not beginning with <c>.</c> or <c>-</c>.</param>
    /// <param name="codec">How values become bytes. Null: a codec of <see cref="EventBusOptions.AddCodec{T}"/>; else the bytes as they
    /// are for <c>byte[]</c> and <c>ReadOnlyMemory&lt;byte&gt;</c>; else Protobuf for a generated message; else JSON.</param>
    /// <returns>The event.</returns>
    /// <exception cref="InvalidOperationException">There is no codec for <typeparamref name="T"/>: JSON's reflection is switched off
    /// (trimming, AOT) and the resolver of <see cref="EventBusOptions.Json"/> does not know the type.</exception>
    public Event<T> Event<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(
        string name, IEventCodec<T>? codec = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new Event<T>(this, name, codec ?? _codecs.Select<T>());
    }
}
