namespace EventBroker.Sdk.Messages;

/// <summary>A point in time with nanoseconds, as messages carry it: <see cref="DateTimeOffset"/> stops at
/// 100 ns and would not give back what another system wrote.</summary>
public readonly struct MessageTimestamp : IEquatable<MessageTimestamp>
{
    /// <summary>The most bytes that an encoded timestamp takes.</summary>
    public const int MaxEncodedLength = 18;

    // Of a google.protobuf.Timestamp.
    private const int SecondsField = 1;
    private const int NanosecondsField = 2;

    private const long UnixEpochSeconds = 62_135_596_800;

    /// <summary>Initializes a timestamp.</summary>
    /// <param name="seconds">Whole seconds since the Unix epoch, UTC.</param>
    /// <param name="nanoseconds">The rest, 0 to 999 999 999.</param>
    public MessageTimestamp(long seconds, int nanoseconds)
    {
        Seconds = seconds;
        Nanoseconds = nanoseconds;
    }

    /// <summary>Gets the whole seconds since the Unix epoch, UTC.</summary>
    public long Seconds { get; }

    /// <summary>Gets the rest of the second, 0 to 999 999 999.</summary>
    public int Nanoseconds { get; }

    /// <summary>Compares two timestamps for equality.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>Whether they are the same point in time.</returns>
    public static bool operator ==(MessageTimestamp left, MessageTimestamp right) => left.Equals(right);

    /// <summary>Compares two timestamps for inequality.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>Whether they are different points in time.</returns>
    public static bool operator !=(MessageTimestamp left, MessageTimestamp right) => !left.Equals(right);

    /// <summary>Converts a <see cref="DateTimeOffset"/>.</summary>
    /// <param name="time">The time.</param>
    /// <returns>The same time.</returns>
    public static MessageTimestamp From(DateTimeOffset time)
    {
        var (seconds, ticks) = Math.DivRem(time.UtcTicks, TimeSpan.TicksPerSecond);
        return new MessageTimestamp(seconds - UnixEpochSeconds, (int)(ticks * 100));
    }

    /// <summary>Reads the protobuf form (the body of a <c>google.protobuf.Timestamp</c>).</summary>
    /// <param name="encoded">The bytes.</param>
    /// <returns>The timestamp.</returns>
    /// <exception cref="FormatException">The bytes are not a timestamp.</exception>
    public static MessageTimestamp Decode(ReadOnlySpan<byte> encoded)
    {
        long seconds = 0;
        var nanoseconds = 0;
        var fields = new ProtoFieldReader(encoded);
        while (fields.Read())
        {
            switch (fields.VarintField)
            {
                case SecondsField:
                    seconds = (long)fields.Varint;
                    break;
                case NanosecondsField:
                    nanoseconds = (int)fields.Varint;
                    break;
                default:
                    break;
            }
        }

        if (fields.Fault is not null)
        {
            throw new FormatException("the bytes are not a timestamp");
        }

        return new MessageTimestamp(seconds, nanoseconds);
    }

    /// <summary>Writes the protobuf form (the body of a <c>google.protobuf.Timestamp</c>).</summary>
    /// <param name="destination">At least <see cref="MaxEncodedLength"/> bytes.</param>
    /// <returns>How many bytes were written.</returns>
    public int Encode(Span<byte> destination)
    {
        var writer = new ProtoFieldWriter(destination);
        if (Seconds != 0)
        {
            writer.WriteVarint(SecondsField, (ulong)Seconds);
        }

        if (Nanoseconds != 0)
        {
            writer.WriteVarint(NanosecondsField, (ulong)Nanoseconds);
        }

        return writer.Length;
    }

    /// <summary>Converts to a <see cref="DateTimeOffset"/>, dropping what is finer than 100 ns.</summary>
    /// <returns>The same time, UTC.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time is before year 1 or after year 9999.</exception>
    public DateTimeOffset ToDateTimeOffset() =>
        DateTimeOffset.FromUnixTimeSeconds(Seconds).AddTicks(Nanoseconds / 100);

    /// <inheritdoc/>
    public bool Equals(MessageTimestamp other) => Seconds == other.Seconds && Nanoseconds == other.Nanoseconds;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is MessageTimestamp other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Seconds, Nanoseconds);
}
