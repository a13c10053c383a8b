using System.ComponentModel;
using System.Globalization;

namespace EventBroker.Sdk.Settings;

/// <summary>A number of bytes, written in settings as <c>64MiB</c>, <c>10MB</c>, <c>1.5GiB</c> or <c>4096</c>.</summary>
/// <remarks>Units: <c>B</c>; <c>KB MB GB TB</c>, powers of 1000; <c>KiB MiB GiB TiB</c>, powers of 1024; in any case.
/// Limits are stated with <c>[Range(typeof(ByteSize), "1KiB", "1GiB")]</c>.</remarks>
[TypeConverter(typeof(ByteSizeConverter))]
public readonly struct ByteSize : IEquatable<ByteSize>, IComparable<ByteSize>, IComparable
{
    /// <summary>The forms that are understood, for messages.</summary>
    public const string Rule = "a size such as 64MiB, 10MB, 512KiB or a plain number of bytes";

    // The largest first, and the binary units first: 1024000 is 1000KiB.
    private static readonly (string Name, long Bytes)[] Units =
    [
        ("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10),
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000),
        ("B", 1),
    ];

    /// <summary>Initializes a size.</summary>
    /// <param name="bytes">The number of bytes, not negative.</param>
    public ByteSize(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Bytes = bytes;
    }

    /// <summary>Gets the number of bytes.</summary>
    public long Bytes { get; }

    /// <summary>Tells whether two sizes are equal.</summary>
    /// <param name="left">A size.</param>
    /// <param name="right">Another.</param>
    /// <returns>Whether they are equal.</returns>
    public static bool operator ==(ByteSize left, ByteSize right) => left.Bytes == right.Bytes;

    /// <summary>Tells whether two sizes differ.</summary>
    /// <param name="left">A size.</param>
    /// <param name="right">Another.</param>
    /// <returns>Whether they differ.</returns>
    public static bool operator !=(ByteSize left, ByteSize right) => left.Bytes != right.Bytes;

    /// <summary>Tells whether a size is smaller than another.</summary>
    /// <param name="left">A size.</param>
    /// <param name="right">Another.</param>
    /// <returns>Whether the left one is smaller.</returns>
    public static bool operator <(ByteSize left, ByteSize right) => left.Bytes < right.Bytes;

    /// <summary>Tells whether a size is larger than another.</summary>
    /// <param name="left">A size.</param>
    /// <param name="right">Another.</param>
    /// <returns>Whether the left one is larger.</returns>
    public static bool operator >(ByteSize left, ByteSize right) => left.Bytes > right.Bytes;

    /// <summary>Tells whether a size is at most another.</summary>
    /// <param name="left">A size.</param>
    /// <param name="right">Another.</param>
    /// <returns>Whether the left one is not larger.</returns>
    public static bool operator <=(ByteSize left, ByteSize right) => left.Bytes <= right.Bytes;

    /// <summary>Tells whether a size is at least another.</summary>
    /// <param name="left">A size.</param>
    /// <param name="right">Another.</param>
    /// <returns>Whether the left one is not smaller.</returns>
    public static bool operator >=(ByteSize left, ByteSize right) => left.Bytes >= right.Bytes;

    /// <summary>Makes a size of so many KiB.</summary>
    /// <param name="count">The number of units of 1024 bytes.</param>
    /// <returns>The size.</returns>
    public static ByteSize FromKibibytes(long count) => new(checked(count << 10));

    /// <summary>Makes a size of so many MiB.</summary>
    /// <param name="count">The number of units of 1024² bytes.</param>
    /// <returns>The size.</returns>
    public static ByteSize FromMebibytes(long count) => new(checked(count * (1L << 20)));

    /// <summary>Reads a size.</summary>
    /// <param name="text">The text.</param>
    /// <param name="size">The size, when the text is one.</param>
    /// <returns>Whether the text is a size: a whole number of bytes, not negative and below 2⁶³.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out ByteSize size)
    {
        size = default;
        text = text.Trim();
        var unit = 1L;
        foreach (var (name, bytes) in Units)
        {
            if (text.EndsWith(name, StringComparison.OrdinalIgnoreCase))
            {
                unit = bytes;
                text = text[..^name.Length].TrimEnd();
                break;
            }
        }

        // 16 digits times a unit stay within a decimal.
        if (text.Length > (unit == 1 ? 19 : 16)
            || !decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        var total = number * unit;
        if (total > long.MaxValue || total != decimal.Truncate(total))
        {
            return false;
        }

        size = new ByteSize((long)total);
        return true;
    }

    /// <summary>Writes the size in the largest unit that divides it, so that reading it gives the same size.</summary>
    /// <returns>The text.</returns>
    public override string ToString()
    {
        foreach (var (name, bytes) in Units)
        {
            if (Bytes >= bytes && Bytes % bytes == 0 && bytes > 1)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{Bytes / bytes}{name}");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{Bytes}B");
    }

    /// <inheritdoc/>
    public bool Equals(ByteSize other) => Bytes == other.Bytes;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ByteSize other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Bytes.GetHashCode();

    /// <inheritdoc/>
    public int CompareTo(ByteSize other) => Bytes.CompareTo(other.Bytes);

    /// <inheritdoc/>
    public int CompareTo(object? obj) => obj switch
    {
        null => 1,
        ByteSize other => CompareTo(other),
        _ => throw new ArgumentException("Not a size.", nameof(obj)),
    };
}
