namespace EventBroker.Sdk.Transports;

/// <summary>Where a subscription begins, measured by what was asked for.</summary>
public enum ResumeOutcome
{
    /// <summary>The subscriber asked for nothing that could be told otherwise: no cursor, no consumer id, no start position of a group.</summary>
    NotAsked,

    /// <summary>Nothing lies between the place asked for and the first delivery: nothing was lost.</summary>
    Exact,

    /// <summary>Messages were lost in between: retention has removed them, or the cursor is from before the
    /// transport lost its data. The first delivery's <see cref="Delivery.Missed"/> counts them where that is known.</summary>
    Lost,

    /// <summary>A group or consumer id that the transport has not seen before, or whose place has expired: it starts as
    /// <see cref="SubscribeOptions.Start"/> says. Told of a group only if it was asked for a start position.</summary>
    New,

    /// <summary>The group or consumer id goes on from its own place, without loss; the start position or cursor that was asked for is
    /// that of a new one and was not used. <see cref="ITransport.SeekAsync"/> moves an existing place.</summary>
    Kept,
}
