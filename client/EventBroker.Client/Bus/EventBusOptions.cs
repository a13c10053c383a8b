using System.Text.Json;
using EventBroker.Client.Bus;

namespace EventBroker.Client;

/// <summary>What applies to all events of an <see cref="EventBus"/>. Copied when the bus is made: a later change has no effect on
/// it.</summary>
public sealed class EventBusOptions
{
    private readonly Dictionary<Type, object> _codecs = [];

    /// <summary>Gets or sets how JSON is written and read. Default: the conventions of the web (camelCase, case-insensitive reading). Its
    /// <see cref="JsonSerializerOptions.TypeInfoResolver"/> may be a source-generated context, which a trimmed or AOT-compiled program
    /// needs; without one, types are looked at by reflection.</summary>
    public JsonSerializerOptions Json { get; set; } = new(JsonSerializerDefaults.Web);

    /// <summary>Gets what surrounds every handler of the bus, the first outermost. Default none. See <see cref="IEventMiddleware"/> for
    /// the order.</summary>
    public IList<IEventMiddleware> Middleware { get; } = [];

    internal List<Func<PublishContext, Func<Task>, Task>> PublishMiddleware { get; } = [];

    internal IReadOnlyDictionary<Type, object> Codecs => _codecs;

    /// <summary>Adds middleware around every handler of the bus, inside of what was added before.</summary>
    /// <param name="middleware">What to call with the context and what comes next.</param>
    /// <returns>These options.</returns>
    public EventBusOptions Use(Func<EventContext, Func<EventContext, Task>, Task> middleware)
    {
        Middleware.Add(new DelegateMiddleware(middleware));
        return this;
    }

    /// <summary>Adds middleware around every publish of the bus, inside of what was added before: to write metadata, to measure, to refuse by
    /// throwing. Of a batch it runs around each value, all at once, and what comes next ends when the batch has been sent.</summary>
    /// <param name="middleware">What to call with the value and what comes next, which ends when the broker has answered. A middleware that does
    /// not call it publishes nothing; the id is then the one that the context has, or empty.</param>
    /// <returns>These options.</returns>
    public EventBusOptions UsePublish(Func<PublishContext, Func<Task>, Task> middleware)
    {
        ArgumentNullException.ThrowIfNull(middleware);
        PublishMiddleware.Add(middleware);
        return this;
    }

    /// <summary>Sets the codec of a type, for the events that are not given one of their own.</summary>
    /// <typeparam name="T">The type, exactly: not those derived from it.</typeparam>
    /// <param name="codec">The codec; safe for concurrent use.</param>
    /// <returns>These options.</returns>
    public EventBusOptions AddCodec<T>(IEventCodec<T> codec)
    {
        ArgumentNullException.ThrowIfNull(codec);
        _codecs[typeof(T)] = codec;
        return this;
    }
}
