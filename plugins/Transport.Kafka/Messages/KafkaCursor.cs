using System.Globalization;
using System.Text;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Kafka.Messages;

/// <summary>A place in each partition of an event: <c>epoch:next:next:…</c>, the epoch that of the topic. Where the event has one partition it is
/// the position of the last message that was read, which costs nothing to make.</summary>
internal static class KafkaCursor
{
    private const int PartitionBits = 16;

    /// <summary>Gets the position of a message: partition and offset, and what tells the topic from one of the same name before it.</summary>
    public static Position PositionOf(ulong epoch, int partition, long offset) => new((epoch << PartitionBits) | (uint)partition, (ulong)offset);

    /// <summary>Makes the text that names what comes next in each partition.</summary>
    /// <returns>The text; null where it would be too long.</returns>
    public static string? Format(ulong epoch, ReadOnlySpan<long> next)
    {
        if (next.Length == 1 && next[0] > 0)
        {
            return PositionOf(epoch, 0, next[0] - 1).ToString();
        }

        var text = new StringBuilder(16 + (next.Length * 6)).Append(CultureInfo.InvariantCulture, $"{epoch:x}");
        foreach (var offset in next)
        {
            text.Append(CultureInfo.InvariantCulture, $":{offset:x}");
        }

        return text.Length <= ResumeCursor.MaxLength ? text.ToString() : null;
    }

    /// <summary>Makes the cursor of that text; null where it would be too long.</summary>
    public static ResumeCursor? Make(ulong epoch, ReadOnlySpan<long> next) => Format(epoch, next) is { } text ? new ResumeCursor(text) : null;

    /// <summary>Reads a cursor.</summary>
    /// <param name="text">The cursor.</param>
    /// <param name="option">As what it was given, for the error.</param>
    /// <returns>The topic's epoch, and what comes next in each partition that there was.</returns>
    /// <exception cref="BrokerException">It is none.</exception>
    public static (ulong Epoch, long[] Next) Parse(string text, string option)
    {
        if (Position.TryParse(text, out var position) && position.Low < long.MaxValue && (position.High & 0xFFFF) == 0)
        {
            return (position.High >> PartitionBits, [(long)position.Low + 1]);
        }

        var parts = text.Split(':');
        var next = new long[parts.Length - 1];
        var isCursor = parts.Length > 1 && ulong.TryParse(parts[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _);
        for (var i = 0; isCursor && i < next.Length; i++)
        {
            isCursor = long.TryParse(parts[i + 1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out next[i]) && next[i] >= 0;
        }

        return isCursor
            ? (ulong.Parse(parts[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), next)
            : throw new BrokerException(BrokerErrorCode.InvalidArgument, $"{option} is not a cursor of this transport");
    }
}
