using EventBroker.Endpoints.Http;
using EventBroker.Protos.Broker.V1;
using EventBroker.Sdk.Messages;

namespace EventBroker.Endpoints.Grpc;

// Reads a PublishBatchRequest.
internal static class BatchDecoder
{
    public static Decoded<List<PublishCall>> Decode(ReadOnlySpan<byte> bytes, int maxMessages)
    {
        var calls = new List<PublishCall>();
        var fields = new ProtoFieldReader(bytes);
        while (fields.Read())
        {
            if (fields.BytesField != PublishBatchRequest.MessagesFieldNumber)
            {
                continue;
            }

            if (calls.Count == maxMessages)
            {
                return new Decoded<List<PublishCall>>(Limits.TooManyItems("messages", maxMessages));
            }

            calls.Add(PublishDecoder.Decode(fields.Bytes));
        }

        return fields.Fault is { } fault ? new Decoded<List<PublishCall>>(fault) : new Decoded<List<PublishCall>>(calls);
    }
}
