using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Subscribing;

/// <summary>What a consumer id is unique within.</summary>
internal readonly record struct ConsumerKey(string EventName, DeliveryMode Mode, string WorkerGroup, string ConsumerId);
