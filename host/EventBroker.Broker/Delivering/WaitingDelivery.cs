using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Delivering;

/// <summary>A delivery that waits in the broker for its next attempt.</summary>
internal readonly struct WaitingDelivery
{
    public required Delivery Delivery { get; init; }

    public required int Attempts { get; init; }

    public required SettlementReason Reason { get; init; }
}
