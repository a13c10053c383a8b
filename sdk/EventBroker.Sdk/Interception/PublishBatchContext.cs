using EventBroker.Sdk.Authorization;

namespace EventBroker.Sdk.Interception;

/// <summary>Messages of one event on their way to the transport together. Made by the broker.</summary>
public sealed class PublishBatchContext
{
    /// <summary>Gets who publishes.</summary>
    public required Caller Caller { get; init; }

    /// <summary>Gets the event.</summary>
    public required string EventName { get; init; }

    /// <summary>Gets the name of the transport that carries the event, as in <c>plugins.json</c>.</summary>
    public required string Transport { get; init; }

    /// <summary>Gets the messages, in their order.</summary>
    public required IReadOnlyList<PublishBatchItem> Items { get; init; }

    /// <summary>Gets the call's end.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Makes a context of some of the messages.</summary>
    /// <param name="items">Messages of this batch, in their order.</param>
    /// <returns>The context for <c>next</c>.</returns>
    public PublishBatchContext Only(params IReadOnlyList<PublishBatchItem> items) => new()
    {
        Caller = Caller,
        EventName = EventName,
        Transport = Transport,
        Items = items,
        CancellationToken = CancellationToken,
    };
}
