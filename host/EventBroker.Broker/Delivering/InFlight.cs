using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Delivering;

/// <summary>A delivery that is not settled yet: a slot of <see cref="InFlightTable"/>.</summary>
internal struct InFlight
{
    public Delivery Delivery;

    /// <summary>What the ack id ends with. Tells this use of the slot from earlier ones.</summary>
    public long Sequence;

    /// <summary>Sent: the ack deadline. Taken: what an extension has promised already, or 0.</summary>
    public long Due;

    /// <summary>How often the message was handed over so far, this time included once it is sent.</summary>
    public int Attempts;

    public DeliveryState State;

    /// <summary>Whether the message is a copy of the broker's own and holds no buffer of the transport.</summary>
    public bool IsCopied;

    // Belong to the table: the neighbours in the list that the slot stands in, its place in the heap or -1.
    public int Previous;
    public int Next;
    public int HeapIndex;
}
