namespace EventBroker.Broker.Tests.RandomSettlement;

/// <summary>What must be true of one message for one audience: a worker group, a consumer id, or a single broadcast subscription.</summary>
internal sealed class Track
{
    /// <summary>How often it was handed over.</summary>
    public int Sent { get; set; }

    /// <summary>How much higher the count may be: a backend that was left without a word counts what it had handed out.</summary>
    public int Slack { get; set; }

    public bool IsSettled { get; set; }

    /// <summary>Whether it may come again although it was settled: the transport has forgotten what lies behind a gap.</summary>
    public bool MayRepeat { get; set; }

    /// <summary>Before this time (milliseconds of the test) it must not come.</summary>
    public long NotBefore { get; set; }

    /// <summary>At this time it must have come, to whoever reads: later than <see cref="NotBefore"/> where the transport took its time to
    /// take it back.</summary>
    public long DueBy { get; set; }

    /// <summary>What has happened to it, for the message of a failure.</summary>
    public List<string> History { get; } = [];
}
