namespace EventBroker.Sdk.Messages;

/// <summary>Walks over the fields of a protobuf message without copying or allocating.</summary>
/// <remarks>Says what it found and leaves the rules to the caller: that the last of a repeated single field wins, and that a field of an
/// unknown number or of another type is passed over. Groups are broken, since proto3 does not have them.</remarks>
/// <example>
/// <code>
/// var fields = new ProtoFieldReader(bytes);
/// while (fields.Read())
/// {
///     if (fields.BytesField == 3) { payload = fields.Bytes; }
/// }
///
/// if (fields.Fault is { } fault) { throw new FormatException(fault); }
/// </code>
/// </example>
/// <param name="bytes">The encoded message, without its length.</param>
public ref struct ProtoFieldReader(ReadOnlySpan<byte> bytes)
{
    private const uint MaxNumber = (1 << 29) - 1;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;

    /// <summary>Gets the field's number if it is a string, bytes or a message; otherwise 0.</summary>
    public int BytesField { get; private set; }

    /// <summary>Gets the field's number if it is a varint; otherwise 0.</summary>
    public int VarintField { get; private set; }

    /// <summary>Gets the value of a <see cref="BytesField"/>.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Gets the value of a <see cref="VarintField"/>.</summary>
    public ulong Varint { get; private set; }

    /// <summary>Gets how many bytes of the message were read: where the value ended.</summary>
    public readonly int Position => _position;

    /// <summary>Gets what is wrong with the bytes, for messages; null while nothing is.</summary>
    public string? Fault { get; private set; }

    /// <summary>Advances to the next field.</summary>
    /// <returns>Whether there was one. If not, <see cref="Fault"/> says whether the message was whole.</returns>
    public bool Read()
    {
        BytesField = VarintField = 0;
        if (_position >= _bytes.Length || Fault is not null)
        {
            return false;
        }

        if (!ProtoWire.TryReadVarint(_bytes, ref _position, out var tag) || tag >> 3 is 0 or > MaxNumber)
        {
            Fault = "a field's tag is broken";
            return false;
        }

        var number = (int)(tag >> 3);
        var type = (int)(tag & 7);
        bool isWhole;
        if (type == ProtoWire.LengthDelimited)
        {
            isWhole = ProtoWire.TryReadBytes(_bytes, ref _position, out var value);
            BytesField = number;
            Bytes = value;
        }
        else if (type == ProtoWire.Varint)
        {
            isWhole = ProtoWire.TryReadVarint(_bytes, ref _position, out var value);
            (VarintField, Varint) = (number, value);
        }
        else
        {
            isWhole = ProtoWire.TrySkip(_bytes, ref _position, type);
        }

        if (!isWhole)
        {
            Fault = $"field {number} is cut off or of an unknown type";
        }

        return isWhole;
    }
}
