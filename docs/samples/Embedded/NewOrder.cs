namespace EventBroker.Samples.Embedded;

/// <summary>What a customer sends.</summary>
public sealed class NewOrder
{
    public required string Article { get; init; }

    public int Quantity { get; init; } = 1;
}
