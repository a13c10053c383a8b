using EventBroker.Broker.Settling;

namespace EventBroker.Broker.Tests.RandomSettlement;

/// <summary>A delivery that a subscriber has and has not settled.</summary>
internal sealed class Holding
{
    public required string Message { get; init; }

    public required AckId Id { get; init; }

    public bool IsSent { get; set; }

    /// <summary>When it expires, in milliseconds of the test; before it is sent, what an extension has promised.</summary>
    public long Deadline { get; set; }

    /// <summary>Whether a settlement of it is on its way.</summary>
    public bool IsSettling { get; set; }
}
