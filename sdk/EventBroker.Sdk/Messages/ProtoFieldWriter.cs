namespace EventBroker.Sdk.Messages;

/// <summary>Writes fields of a protobuf message one behind the other, and counts for itself.</summary>
/// <param name="destination">Where to; must be long enough for what is written: see <see cref="LengthOf"/> and
/// <see cref="MaxHeaderLength"/>.</param>
public ref struct ProtoFieldWriter(Span<byte> destination)
{
    /// <summary>The most bytes that a field takes beside its bytes, or a varint with its tag.</summary>
    public const int MaxHeaderLength = 5 + ProtoWire.MaxVarintLength;

    private readonly Span<byte> _destination = destination;

    /// <summary>Gets how many bytes were written.</summary>
    public int Length { get; private set; }

    /// <summary>Tells how many bytes a string, bytes or a message take as a field.</summary>
    /// <param name="number">The field's number.</param>
    /// <param name="length">Their own length, in bytes.</param>
    /// <returns>The length of tag, length and bytes.</returns>
    public static int LengthOf(int number, int length) => TagLength(number) + ProtoWire.VarintLength((ulong)length) + length;

    /// <summary>Tells how many bytes a varint takes as a field.</summary>
    /// <param name="number">The field's number.</param>
    /// <param name="value">The value.</param>
    /// <returns>The length of tag and value.</returns>
    public static int LengthOfVarint(int number, ulong value) => TagLength(number) + ProtoWire.VarintLength(value);

    /// <summary>Writes a varint, zero as well.</summary>
    /// <param name="number">The field's number.</param>
    /// <param name="value">The value.</param>
    public void WriteVarint(int number, ulong value)
    {
        Write(Tag(number, ProtoWire.Varint));
        Write(value);
    }

    /// <summary>Writes a string, bytes or a message, empty ones as well.</summary>
    /// <param name="number">The field's number.</param>
    /// <param name="value">The bytes.</param>
    public void WriteBytes(int number, scoped ReadOnlySpan<byte> value) => value.CopyTo(Reserve(number, value.Length));

    /// <summary>Writes tag and length, and leaves room for the bytes.</summary>
    /// <param name="number">The field's number.</param>
    /// <param name="length">How many bytes it has.</param>
    /// <returns>The room, to be filled by the caller.</returns>
    public Span<byte> Reserve(int number, int length)
    {
        Write(Tag(number, ProtoWire.LengthDelimited));
        Write((ulong)length);
        var room = _destination.Slice(Length, length);
        Length += length;
        return room;
    }

    private static int TagLength(int number) => ProtoWire.VarintLength(Tag(number, 0));

    private static ulong Tag(int number, int type) => ((ulong)(uint)number << 3) | (uint)type;

    private void Write(ulong value) => Length += ProtoWire.WriteVarint(_destination[Length..], value);
}
