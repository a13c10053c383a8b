#pragma warning disable MA0025, CS1591, CS1573, CA1801, IDE0060
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Subscribing;

/// <summary>One open subscription, as its endpoint sees it.</summary>
/// <remarks>The endpoint's loop: <see cref="WaitAsync"/>; rent a buffer; <see cref="TakeAsync"/> and encode until it returns
/// fewer than asked for or enough bytes are written; flush once; <see cref="SentAsync"/>; give the buffer back; again. One thread at a time.</remarks>
public sealed class BrokerSubscription : IAsyncDisposable
{
    /// <summary>Gets the event.</summary>
    public string EventName => throw new NotImplementedException();

    /// <summary>Gets what became of the wish to resume.</summary>
    public ResumeOutcome Resume => throw new NotImplementedException();

    /// <summary>Ends when <see cref="TakeAsync"/> may have something. Holds no buffer and allocates nothing.</summary>
    /// <exception cref="BrokerException">The subscription has ended: UNAVAILABLE (drain, backend gone), ABORTED (event unregistered,
    /// consumer id taken over), UNAUTHENTICATED (the caller's identity expired). Disposing also ends the wait with ABORTED.</exception>
    public ValueTask WaitAsync() => throw new NotImplementedException();

    /// <summary>Takes what is there and fits into the in-flight window; completes synchronously without deliver interceptors.</summary>
    public ValueTask<int> TakeAsync(Memory<OutboundDelivery> destination, int maxBytes) => throw new NotImplementedException();

    /// <summary>Says that everything taken so far was handed to the connection: ack deadlines start, or auto-ack settles.</summary>
    public ValueTask SentAsync() => throw new NotImplementedException();

    /// <summary>Writes the ack id of a delivery; returns its length, 0 with auto-ack. Room: <see cref="Settling.AckId.MaxLength"/>.</summary>
    public int FormatAckId(in OutboundDelivery delivery, Span<byte> destination) => throw new NotImplementedException();

    /// <summary>Writes the resume cursor of a delivery; returns its length, 0 if the transport has none.
    /// Room: <see cref="SubscribeOptions.MaxCursorLength"/>.</summary>
    public int FormatCursor(in OutboundDelivery delivery, Span<byte> destination) => throw new NotImplementedException();

    /// <summary>Ends the subscription: unsettled messages are released.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
