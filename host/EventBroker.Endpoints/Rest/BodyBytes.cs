using System.Buffers;
using System.IO.Pipelines;
using EventBroker.Sdk.Errors;

namespace EventBroker.Endpoints.Rest;

// Reads a request's body to its end.
internal static class BodyBytes
{
    // To be given back by AdvanceTo once it is decoded.
    public static async ValueTask<ReadOnlySequence<byte>> ReadAsync(PipeReader reader, int limit, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            if (buffer.Length > limit)
            {
                reader.AdvanceTo(buffer.End);
                throw new BrokerException(BrokerErrorCode.ResourceExhausted, $"the request body is larger than {limit} bytes");
            }

            if (result.IsCompleted)
            {
                return buffer;
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }
}
