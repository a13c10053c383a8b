namespace EventBroker.Client;

/// <summary>What became of going on behind a cursor or where a consumer id stopped.</summary>
public enum ResumeOutcome
{
    /// <summary>It was not asked for, or the server does not tell. A worker group goes on where it stands in any case.</summary>
    NotAsked,

    /// <summary>Nothing was lost.</summary>
    Exact,

    /// <summary>Messages are gone: retention has removed them, or the server has lost its data. The next
    /// <see cref="Delivery.Missed"/> counts them where that is known.</summary>
    Lost,

    /// <summary>A consumer id that the broker has not seen before or has forgotten: it begins at <see cref="SubscribeOptions.Start"/>.</summary>
    New,
}
