using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using EventBroker.Sdk.Errors;

namespace EventBroker.Endpoints.Grpc;

// Straight from the body: all that have come at once, where the framework would wake up for each.
internal sealed class PublishFrames(PipeReader body, int largest) : PublishMessages
{
    private const int HeaderLength = 5;

    private bool _isCompleted;

    protected override async ValueTask ReadOnAsync(List<PublishCall> calls, int most, int mostBytes, CancellationToken cancellationToken)
    {
        while (calls.Count == 0 && !_isCompleted)
        {
            var result = await body.ReadAsync(cancellationToken);
            var rest = result.Buffer;
            try
            {
                Take(ref rest, calls, most, mostBytes);
                if (result.IsCompleted && calls.Count == 0 && !rest.IsEmpty)
                {
                    throw Malformed("it is cut off");
                }

                _isCompleted = result.IsCompleted && rest.IsEmpty;
            }
            finally
            {
                // What lies behind the last message that was taken has been looked at only where there was none.
                body.AdvanceTo(rest.Start, calls.Count == 0 ? rest.End : rest.Start);
            }
        }
    }

    private void Take(ref ReadOnlySequence<byte> rest, List<PublishCall> calls, int most, int mostBytes)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        for (long bytes = 0; calls.Count < most && bytes < mostBytes && rest.Length >= HeaderLength;)
        {
            rest.Slice(0, HeaderLength).CopyTo(header);
            var length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
            if (header[0] != 0)
            {
                throw Malformed("it is compressed, and the call does not say how");
            }

            if (length > largest)
            {
                throw new BrokerException(BrokerErrorCode.ResourceExhausted, $"a message has {length} bytes, and {largest} are allowed") { IsFinal = true };
            }

            if (rest.Length < HeaderLength + length)
            {
                return;
            }

            var message = rest.Slice(HeaderLength, length);
            calls.Add(PublishDecoder.Decode(message.IsSingleSegment ? message.FirstSpan : message.ToArray()));
            bytes += length;
            rest = rest.Slice(message.End);
        }
    }
}
