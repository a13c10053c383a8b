namespace EventBroker.Endpoints.Http;

internal static class Protocols
{
    public const string Grpc = "grpc";
    public const string Rest = "rest";
    public const string WebSocket = "websocket";
    public const string Sse = "sse";
}
