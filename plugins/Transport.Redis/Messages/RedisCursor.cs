using System.Globalization;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Redis.Messages;

/// <summary>A place in a stream: the entry behind which to go on, how many entries were ever added up to it, and the generation of the
/// stream, which changes when its data is lost or the event is registered anew.</summary>
/// <param name="Position">The entry's id.</param>
/// <param name="Ordinal">How many messages were added up to it; -1 if that is not known.</param>
/// <param name="Generation">The stream's generation.</param>
internal readonly record struct RedisCursor(Position Position, long Ordinal, string Generation)
{
    /// <summary>The longest text.</summary>
    public const int MaxLength = 80;

    public const int GenerationLength = 16;

    private const string Unknown = "u";

    public static RedisCursor Parse(string text, string option)
    {
        var parts = text.Split('-');
        if (parts.Length == 4
            && Position.TryParse(parts[0] + "-" + parts[1], out var position)
            && TryParseOrdinal(parts[2], out var ordinal)
            && parts[3].Length == GenerationLength && parts[3].All(char.IsAsciiHexDigitLower))
        {
            return new RedisCursor(position, ordinal, parts[3]);
        }

        throw new BrokerException(BrokerErrorCode.InvalidArgument, $"{option} is not a cursor of this transport");
    }

    public ResumeCursor ToResume() => new(ToString());

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Position.High:x}-{Position.Low:x}-{(Ordinal < 0 ? Unknown : Ordinal)}-{Generation}");

    private static bool TryParseOrdinal(string text, out long ordinal)
    {
        ordinal = -1;
        return text == Unknown || long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ordinal);
    }
}
