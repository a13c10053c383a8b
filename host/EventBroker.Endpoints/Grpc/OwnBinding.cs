namespace EventBroker.Endpoints.Grpc;

// Marks the endpoints of methods with marshallers of our own.
internal sealed class OwnBinding
{
    public static readonly OwnBinding Instance = new();
}
