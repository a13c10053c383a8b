namespace EventBroker.Broker.Delivering;

/// <summary>What is to become of a delivery that was not settled with success.</summary>
internal readonly record struct Redelivery(RedeliveryKind Kind, TimeSpan Delay);
