namespace EventBroker.Broker.Delivering;

/// <summary>Where a delivery stands between its transport and its subscriber.</summary>
/// <remarks>
/// <code>
///  read ──► admission ──► Taken ──► Sent ──► Settling ──► done: gone for good, or given back to the transport
///              │            │        │ ▲          │
///              ▼            │        │ └──────────┘ the transport failed: the subscriber may settle again
///           left out        └────────┴───► waiting (a due time) ──► Taken, with a new ack id
/// </code>
/// What waits here is no longer in flight, and what is settled for the broker's own reasons (a deadline, a message left out) is tried
/// again until the transport has an answer; neither has a state, since no ack id names it any more.
/// </remarks>
internal enum DeliveryState : byte
{
    /// <summary>The slot is free.</summary>
    Free,

    /// <summary>Taken by the endpoint, and not handed to the connection yet. Not an attempt so far.</summary>
    Taken,

    /// <summary>Handed to the connection; the ack deadline runs.</summary>
    Sent,

    /// <summary>The transport was told and has not answered. No deadline runs.</summary>
    Settling,
}
