using System.Buffers.Binary;
using System.Buffers.Text;

namespace EventBroker.Broker.Settling;

/// <summary>Names one delivery attempt: the node and the subscription that made it, a tag that nobody can guess, and
/// the attempt's sequence number within the subscription.</summary>
/// <remarks>Text form: 43 base64url characters without padding would be too long for every message, so the 20 bytes of
/// node, subscription and tag are written once per subscription as 27 base64url characters, and the sequence behind
/// them in hexadecimal.</remarks>
public readonly struct AckId
{
    /// <summary>The length of the text form's constant part.</summary>
    public const int PrefixLength = 27;

    /// <summary>The longest text form.</summary>
    public const int MaxLength = PrefixLength + 16;

    private const int PrefixBytes = 20;

    /// <summary>Initializes an ack id.</summary>
    /// <param name="node">The node.</param>
    /// <param name="subscription">The subscription's number on its node.</param>
    /// <param name="tag">The subscription's secret.</param>
    /// <param name="sequence">The attempt's number, from 1.</param>
    public AckId(uint node, ulong subscription, ulong tag, long sequence)
    {
        Node = node;
        Subscription = subscription;
        Tag = tag;
        Sequence = sequence;
    }

    /// <summary>Gets the node that gave the id out: random per process start.</summary>
    public uint Node { get; }

    /// <summary>Gets the subscription's number on its node.</summary>
    public ulong Subscription { get; }

    /// <summary>Gets the part that can't be guessed.</summary>
    public ulong Tag { get; }

    /// <summary>Gets the attempt's number within the subscription, from 1; 0 for no id at all.</summary>
    public long Sequence { get; }

    /// <summary>Reads the text form.</summary>
    /// <param name="text">ASCII.</param>
    /// <param name="id">The id, when the text is one.</param>
    /// <returns>Whether the text has the form of an ack id.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, out AckId id)
    {
        id = default;
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        if (text.Length is <= PrefixLength or > MaxLength
            || Base64Url.DecodeFromUtf8(text[..PrefixLength], prefix, out _, out var written) != System.Buffers.OperationStatus.Done
            || written != PrefixBytes
            || !Utf8Parser.TryParse(text[PrefixLength..], out long sequence, out var consumed, 'x')
            || consumed != text.Length - PrefixLength
            || sequence <= 0)
        {
            return false;
        }

        id = new AckId(
            BinaryPrimitives.ReadUInt32LittleEndian(prefix),
            BinaryPrimitives.ReadUInt64LittleEndian(prefix[4..]),
            BinaryPrimitives.ReadUInt64LittleEndian(prefix[12..]),
            sequence);
        return true;
    }

    /// <summary>Tells whether two ids are of the same subscription.</summary>
    /// <param name="other">The other.</param>
    /// <returns>Whether everything but the sequence is the same.</returns>
    public bool IsOfSameSubscription(in AckId other) => Subscription == other.Subscription && Tag == other.Tag && Node == other.Node;

    /// <summary>Gets what the ids of a subscription have in common, as a key.</summary>
    /// <returns>Node, subscription and tag.</returns>
    internal (uint Node, ulong Subscription, ulong Tag) WithoutSequence() => (Node, Subscription, Tag);

    /// <summary>Makes the constant part of a subscription's ack ids.</summary>
    /// <returns><see cref="PrefixLength"/> ASCII characters.</returns>
    public byte[] FormatPrefix()
    {
        Span<byte> bytes = stackalloc byte[PrefixBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Node);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[4..], Subscription);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[12..], Tag);
        return System.Text.Encoding.ASCII.GetBytes(Base64Url.EncodeToString(bytes));
    }

    /// <summary>Writes a whole ack id.</summary>
    /// <param name="prefix">The subscription's constant part.</param>
    /// <param name="sequence">The attempt's number.</param>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes.</param>
    /// <returns>How many bytes were written.</returns>
    public static int Format(ReadOnlySpan<byte> prefix, long sequence, Span<byte> destination)
    {
        prefix.CopyTo(destination);
        Utf8Formatter.TryFormat(sequence, destination[PrefixLength..], out var written, 'x');
        return PrefixLength + written;
    }
}
