namespace Benchmarks.Loads;

/// <summary>How a subscriber is connected.</summary>
internal enum SubscriptionKind
{
    Grpc,
    Sse,
    WebSocket,
}
