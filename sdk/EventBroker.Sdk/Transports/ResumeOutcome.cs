namespace EventBroker.Sdk.Transports;

/// <summary>What became of the wish to go on behind a cursor or where a consumer id stopped.</summary>
public enum ResumeOutcome
{
    /// <summary>The subscriber did not ask for it.</summary>
    NotAsked,

    /// <summary>Nothing lies between the place asked for and the first delivery: nothing was lost.</summary>
    Exact,

    /// <summary>Messages were lost in between: retention has removed them, or the cursor is from before the
    /// transport lost its data. The first delivery's <see cref="Delivery.Missed"/> counts them where that is known.</summary>
    Lost,

    /// <summary>A consumer id that the transport has not seen before, or whose place has expired: it starts as
    /// <see cref="SubscribeOptions.Start"/> says.</summary>
    New,
}
