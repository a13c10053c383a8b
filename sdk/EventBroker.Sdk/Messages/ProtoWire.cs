using System.Runtime.CompilerServices;

namespace EventBroker.Sdk.Messages;

/// <summary>The few pieces of the protobuf wire format that messages need: varints, tags and lengths.</summary>
/// <remarks>The format is the one of <see href="https://protobuf.dev/programming-guides/encoding/"/>.</remarks>
public static class ProtoWire
{
    /// <summary>The longest varint, in bytes.</summary>
    public const int MaxVarintLength = 10;

    /// <summary>Wire type of varints.</summary>
    public const int Varint = 0;

    /// <summary>Wire type of eight fixed bytes.</summary>
    public const int Fixed64 = 1;

    /// <summary>Wire type of strings, bytes and nested messages.</summary>
    public const int LengthDelimited = 2;

    /// <summary>Wire type of four fixed bytes.</summary>
    public const int Fixed32 = 5;

    /// <summary>Tells how many bytes a varint takes.</summary>
    /// <param name="value">The value.</param>
    /// <returns>1 to 10.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int VarintLength(ulong value) =>
        ((63 - System.Numerics.BitOperations.LeadingZeroCount(value | 1)) / 7) + 1;

    /// <summary>Writes a varint.</summary>
    /// <param name="destination">Where to; must be long enough.</param>
    /// <param name="value">The value.</param>
    /// <returns>How many bytes were written.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int WriteVarint(Span<byte> destination, ulong value)
    {
        var i = 0;
        while (value >= 0x80)
        {
            destination[i++] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[i++] = (byte)value;
        return i;
    }

    /// <summary>Reads a varint and advances the position behind it.</summary>
    /// <param name="source">The bytes.</param>
    /// <param name="position">Where the varint begins; afterwards, where it ended.</param>
    /// <param name="value">The value.</param>
    /// <returns>Whether a whole varint of at most ten bytes was there.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryReadVarint(ReadOnlySpan<byte> source, scoped ref int position, out ulong value)
    {
        if ((uint)position < (uint)source.Length && source[position] < 0x80)
        {
            value = source[position++];
            return true;
        }

        return TryReadLongVarint(source, ref position, out value);
    }

    /// <summary>Reads a length-delimited value and advances the position behind it.</summary>
    /// <param name="source">The bytes.</param>
    /// <param name="position">Where its length begins; afterwards, where the value ended.</param>
    /// <param name="value">The value's bytes.</param>
    /// <returns>Whether the whole value was there.</returns>
    public static bool TryReadBytes(ReadOnlySpan<byte> source, scoped ref int position, out ReadOnlySpan<byte> value)
    {
        if (!TryReadVarint(source, ref position, out var length) || length > (ulong)(source.Length - position))
        {
            value = default;
            return false;
        }

        value = source.Slice(position, (int)length);
        position += (int)length;
        return true;
    }

    /// <summary>Passes over a field of any wire type (groups excepted, which proto3 does not have).</summary>
    /// <param name="source">The bytes.</param>
    /// <param name="position">Where the field's value begins; afterwards, where it ended.</param>
    /// <param name="wireType">The wire type out of the field's tag.</param>
    /// <returns>Whether the whole value was there.</returns>
    public static bool TrySkip(ReadOnlySpan<byte> source, scoped ref int position, int wireType)
    {
        switch (wireType)
        {
            case Varint:
                return TryReadVarint(source, ref position, out _);
            case LengthDelimited:
                return TryReadBytes(source, ref position, out _);
            case Fixed64:
                position += 8;
                return position <= source.Length;
            case Fixed32:
                position += 4;
                return position <= source.Length;
            default:
                return false;
        }
    }

    private static bool TryReadLongVarint(ReadOnlySpan<byte> source, scoped ref int position, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if ((uint)position >= (uint)source.Length)
            {
                return false;
            }

            var b = source[position++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
