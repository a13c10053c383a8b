using EventBroker.Endpoints.Http;
using EventBroker.Sdk.Messages;

namespace EventBroker.Endpoints.Grpc;

// Reads a PublishBatchRequest.
internal static class BatchCodec
{
    public static Decoded<List<PublishCall>> Decode(ReadOnlySpan<byte> bytes, int maxMessages)
    {
        var calls = new List<PublishCall>();
        var at = 0;
        while (at < bytes.Length)
        {
            if (!ProtoWire.TryReadVarint(bytes, ref at, out var tag) || tag >> 3 == 0)
            {
                return new Decoded<List<PublishCall>>("a field's tag is broken");
            }

            if (tag == 0x0A)
            {
                if (!ProtoWire.TryReadBytes(bytes, ref at, out var item))
                {
                    return new Decoded<List<PublishCall>>($"message {calls.Count} is cut off");
                }

                if (calls.Count == maxMessages)
                {
                    return new Decoded<List<PublishCall>>(Limits.TooManyItems("messages", maxMessages));
                }

                calls.Add(PublishDecoder.Decode(item));
            }
            else if (!ProtoWire.TrySkip(bytes, ref at, (int)(tag & 7)))
            {
                return new Decoded<List<PublishCall>>($"field {tag >> 3} is cut off or of an unknown type");
            }
        }

        return new Decoded<List<PublishCall>>(calls);
    }
}
