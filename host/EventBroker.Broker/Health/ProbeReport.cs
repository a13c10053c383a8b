using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Health;

/// <summary>How the transports are.</summary>
/// <param name="Transports">Each, in the order of the routing table.</param>
/// <param name="Latency">How long the slowest took to answer.</param>
internal sealed record ProbeReport(IReadOnlyList<TransportHealth> Transports, TimeSpan Latency);
