using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Settling;

/// <summary>What a delivery adds to an encoded message, at the most. Set aside when a message is accepted, so that whatever is accepted can be
/// delivered.</summary>
internal static class DeliveryEnvelope
{
    // The numbers of its fields in event.v1.Message.
    private const int RetryCount = 6;
    private const int Ack = 7;
    private const int Cursor = 100;
    private const int Missed = 101;

    public static int Largest(TransportCapabilities capabilities) =>
        ProtoFieldWriter.LengthOfVarint(RetryCount, int.MaxValue)
        + ProtoFieldWriter.LengthOf(Ack, AckId.MaxLength)
        + ProtoFieldWriter.LengthOfVarint(Missed, long.MaxValue)
        + (capabilities.Has(TransportCapability.ReplayFromCursor) ? ProtoFieldWriter.LengthOf(Cursor, capabilities.MaxCursorLength) : 0);

    public static BrokerException TooLarge(int length, int limit) => new(
        BrokerErrorCode.ResourceExhausted, $"the message has {length} bytes; {limit} are allowed, what a delivery adds set aside")
    {
        IsFinal = true,
    };
}
