namespace EventBroker.Client;

/// <summary>What became of going on behind a cursor or where a consumer id or worker group stopped.</summary>
public enum ResumeOutcome
{
    /// <summary>It was not asked for, or the server does not tell. A worker group that was asked for no start position goes on where it stands.</summary>
    NotAsked,

    /// <summary>Nothing was lost.</summary>
    Exact,

    /// <summary>Messages are gone: retention has removed them, or the server has lost its data. The next
    /// <see cref="Delivery.Missed"/> counts them where that is known.</summary>
    Lost,

    /// <summary>A consumer id or worker group that the broker has not seen before or has forgotten: it begins at
    /// <see cref="SubscribeOptions.Start"/>. Told of a group only if it was asked for a start position.</summary>
    New,

    /// <summary>A consumer id or worker group that exists goes on from its own place, without loss. The start position or cursor that was
    /// asked for is where a new one begins, and was not used.</summary>
    Kept,
}
