using System.Buffers;
using EventBroker.Transport.Local.Storage;

namespace EventBroker.Transport.Log.Storage;

/// <summary>The body of a stored batch: its messages one after the other, each as field 1 of a protobuf message, so that
/// <c>protoc --decode</c> can read it.</summary>
internal static class BatchFormat
{
    /// <summary>So much is the body longer than a message for each, at the most.</summary>
    public const int MaxOverhead = 6;

    private const byte Tag = (1 << 3) | 2;

    /// <summary>Appends a message to a body.</summary>
    public static void Append(ArrayBufferWriter<byte> body, ReadOnlySpan<byte> message)
    {
        var span = body.GetSpan(message.Length + MaxOverhead);
        span[0] = Tag;
        var at = 1;
        var length = (uint)message.Length;
        for (; length >= 0x80; length >>= 7)
        {
            span[at++] = (byte)(length | 0x80);
        }

        span[at++] = (byte)length;
        message.CopyTo(span[at..]);
        body.Advance(at + message.Length);
    }

    /// <summary>Reads the next message of a body.</summary>
    /// <param name="body">What is left of it.</param>
    /// <param name="message">The message.</param>
    /// <returns>Whether there was one; false at the end.</returns>
    /// <exception cref="InvalidDataException">The body is damaged.</exception>
    public static bool TryRead(ref ReadOnlySpan<byte> body, out ReadOnlySpan<byte> message)
    {
        message = default;
        if (body.IsEmpty)
        {
            return false;
        }

        var at = 1;
        long length = 0;
        for (var shift = 0; ; shift += 7)
        {
            if (at >= body.Length || shift > 28)
            {
                throw new InvalidDataException("a batch ends within a message");
            }

            length |= (long)(body[at] & 0x7f) << shift;
            if (body[at++] < 0x80)
            {
                break;
            }
        }

        if (body[0] != Tag || length > body.Length - at)
        {
            throw new InvalidDataException("a batch does not hold what it should");
        }

        message = body.Slice(at, (int)length);
        body = body[(at + (int)length)..];
        return true;
    }

    /// <summary>Makes a slab of consecutive batches.</summary>
    /// <param name="first">The number of the first message.</param>
    /// <param name="batches">The batches, without a gap.</param>
    public static Slab ToSlab(ulong first, IReadOnlyList<StoredBatch> batches)
    {
        var slab = new Slab(first, batches.Sum(static b => b.Body.Length));
        foreach (var batch in batches)
        {
            ReadOnlySpan<byte> body = batch.Body;
            while (TryRead(ref body, out var message))
            {
                slab.Append(message, batch.AcceptedTicks);
            }
        }

        return slab;
    }
}
