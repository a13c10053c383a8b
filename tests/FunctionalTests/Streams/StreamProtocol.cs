namespace EventBroker.FunctionalTests.Streams;

public enum StreamProtocol
{
    Grpc,
    Sse,
    WebSocket,
}
