using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Settling;

/// <summary>What a delivery adds to an encoded message, at the most: retry count, ack id, cursor and missed, each with its tag and length. Set aside
/// when a message is accepted, so that whatever is accepted can be delivered.</summary>
internal static class DeliveryEnvelope
{
    private const int RetryCount = 1 + 5;
    private const int Missed = 2 + 10;
    private const int Ack = 2 + AckId.MaxLength;
    private const int CursorFraming = 2 + 2;

    public static int Largest(TransportCapabilities capabilities) =>
        RetryCount + Missed + Ack + (capabilities.Has(TransportCapability.ReplayFromCursor) ? CursorFraming + capabilities.MaxCursorLength : 0);

    public static BrokerException TooLarge(int length, int limit) => new(
        BrokerErrorCode.ResourceExhausted, $"the message has {length} bytes; {limit} are allowed, what a delivery adds set aside")
    {
        IsFinal = true,
    };
}
