using System.Buffers.Text;
using System.Globalization;

namespace EventBroker.Sdk.Messages;

/// <summary>Where a message stands in its event, in the transport's own terms: 128 bits that are unique within
/// the event. Memory and log use an epoch and a sequence, Redis the two halves of an entry id, JetStream the
/// stream sequence, Kafka the partition and the offset. A backend without places (NATS core) counts arrivals, so
/// that a position is unique within the process only.</summary>
/// <remarks>Positions identify; whether they order is the transport's affair (Kafka's partitions do not).
/// A position is not a resume cursor: that is <see cref="Transports.Delivery.Cursor"/>.</remarks>
public readonly struct Position : IEquatable<Position>, IComparable<Position>
{
    /// <summary>How many bytes <see cref="TryFormat"/> writes at the most.</summary>
    public const int MaxTextLength = 33;

    /// <summary>Initializes a position.</summary>
    /// <param name="high">The more significant half.</param>
    /// <param name="low">The less significant half.</param>
    public Position(ulong high, ulong low)
    {
        High = high;
        Low = low;
    }

    /// <summary>Gets the more significant half.</summary>
    public ulong High { get; }

    /// <summary>Gets the less significant half.</summary>
    public ulong Low { get; }

    /// <summary>Compares two positions for equality.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>Whether both halves are equal.</returns>
    public static bool operator ==(Position left, Position right) => left.Equals(right);

    /// <summary>Compares two positions for inequality.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>Whether a half differs.</returns>
    public static bool operator !=(Position left, Position right) => !left.Equals(right);

    /// <summary>Compares two positions as 128-bit numbers.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>Whether the first is smaller.</returns>
    public static bool operator <(Position left, Position right) => left.CompareTo(right) < 0;

    /// <summary>Compares two positions as 128-bit numbers.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>Whether the first is greater.</returns>
    public static bool operator >(Position left, Position right) => left.CompareTo(right) > 0;

    /// <summary>Compares two positions as 128-bit numbers.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>Whether the first is not greater.</returns>
    public static bool operator <=(Position left, Position right) => left.CompareTo(right) <= 0;

    /// <summary>Compares two positions as 128-bit numbers.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>Whether the first is not smaller.</returns>
    public static bool operator >=(Position left, Position right) => left.CompareTo(right) >= 0;

    /// <summary>Reads the text form, two hexadecimal numbers with a hyphen between.</summary>
    /// <param name="text">The text.</param>
    /// <param name="position">The position, when the text is one.</param>
    /// <returns>Whether the text is a position.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out Position position)
    {
        position = default;
        var hyphen = text.IndexOf('-');
        if (hyphen < 0
            || !ulong.TryParse(text[..hyphen], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var high)
            || !ulong.TryParse(text[(hyphen + 1)..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var low))
        {
            return false;
        }

        position = new Position(high, low);
        return true;
    }

    /// <summary>Writes the text form as ASCII.</summary>
    /// <param name="destination">At least <see cref="MaxTextLength"/> bytes always suffice.</param>
    /// <param name="written">How many bytes were written.</param>
    /// <returns>Whether the destination was large enough.</returns>
    public bool TryFormat(Span<byte> destination, out int written)
    {
        written = 0;
        if (!Utf8Formatter.TryFormat(High, destination, out var first, 'x') || first >= destination.Length)
        {
            return false;
        }

        destination[first++] = (byte)'-';
        if (!Utf8Formatter.TryFormat(Low, destination[first..], out var second, 'x'))
        {
            return false;
        }

        written = first + second;
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{High:x}-{Low:x}";

    /// <inheritdoc/>
    public bool Equals(Position other) => High == other.High && Low == other.Low;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Position other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(High, Low);

    /// <inheritdoc/>
    public int CompareTo(Position other)
    {
        var high = High.CompareTo(other.High);
        return high != 0 ? high : Low.CompareTo(other.Low);
    }
}
