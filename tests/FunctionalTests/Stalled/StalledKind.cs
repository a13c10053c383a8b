namespace EventBroker.FunctionalTests.Stalled;

// How a subscriber stops taking bytes.
public enum StalledKind
{
    // Sockets that are not read: a process that was stopped, a network that swallows everything.
    Sse,
    WebSocket,
    GrpcSocket,
    WebSocketOverHttp2,

    // A client that answers pings and grants no window.
    GrpcWindow,
}
