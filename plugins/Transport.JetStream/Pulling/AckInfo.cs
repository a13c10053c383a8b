using System.Globalization;

namespace EventBroker.Transport.JetStream.Pulling;

/// <summary>What the subject for acks tells of a message:
/// <c>$JS.ACK.[domain.account.]stream.consumer.deliveries.streamSequence.consumerSequence.time.pending[.random]</c>.</summary>
internal readonly struct AckInfo
{
    private const int WithoutDomain = 9;

    /// <summary>Gets how often it was handed out, this time included.</summary>
    public int Deliveries { get; private init; }

    public ulong StreamSequence { get; private init; }

    public ulong ConsumerSequence { get; private init; }

    /// <summary>Gets when it was stored, in nanoseconds since the Unix epoch.</summary>
    public long Time { get; private init; }

    /// <summary>Gets how many the consumer has before it.</summary>
    public ulong Pending { get; private init; }

    /// <summary>Tells whether it is the same message, handed out by the same consumer later: not one that stands in the place of a lost one, and not
    /// one that a consumer made anew begins with.</summary>
    public bool IsCopyOf(in AckInfo first) =>
        StreamSequence == first.StreamSequence && Time == first.Time && ConsumerSequence > first.ConsumerSequence;

    public static bool TryParse(string subject, out AckInfo info)
    {
        info = default;
        Span<Range> tokens = stackalloc Range[16];
        var text = subject.AsSpan();
        var count = text.Split(tokens, '.');
        if (count < WithoutDomain || !text.StartsWith("$JS.ACK."))
        {
            return false;
        }

        var first = count == WithoutDomain ? 4 : 6;
        if (count < first + 5
            || !int.TryParse(text[tokens[first]], NumberStyles.None, CultureInfo.InvariantCulture, out var deliveries)
            || !ulong.TryParse(text[tokens[first + 1]], NumberStyles.None, CultureInfo.InvariantCulture, out var stream)
            || !ulong.TryParse(text[tokens[first + 2]], NumberStyles.None, CultureInfo.InvariantCulture, out var consumer)
            || !long.TryParse(text[tokens[first + 3]], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var time)
            || !ulong.TryParse(text[tokens[first + 4]], NumberStyles.None, CultureInfo.InvariantCulture, out var pending))
        {
            return false;
        }

        info = new AckInfo { Deliveries = deliveries, StreamSequence = stream, ConsumerSequence = consumer, Time = time, Pending = pending };
        return true;
    }
}
