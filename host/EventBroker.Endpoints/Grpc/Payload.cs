using System.Buffers;
using Grpc.Core;

namespace EventBroker.Endpoints.Grpc;

// The bytes of a request in one piece, without a copy where they are in one already.
internal static class Payload
{
    public static ReadOnlySpan<byte> AsSpan(DeserializationContext context)
    {
        var payload = context.PayloadAsReadOnlySequence();
        return payload.IsSingleSegment ? payload.FirstSpan : payload.ToArray();
    }
}
