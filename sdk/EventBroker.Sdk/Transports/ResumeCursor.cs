using System.Text;
using EventBroker.Sdk.Messages;

namespace EventBroker.Sdk.Transports;

/// <summary>The text from which a later subscription goes on behind a delivery, made when the delivery is read. Opaque to everybody
/// but the transport. It stands for everything read up to its delivery, so over several partitions it names a place in each.</summary>
public sealed class ResumeCursor
{
    /// <summary>The longest cursor, in ASCII characters: room for a place in each of a hundred partitions.</summary>
    public const int MaxLength = 2048;

    private readonly byte[]? _text;

    /// <summary>Initializes a cursor.</summary>
    /// <param name="text">Printable ASCII without blanks, at most <see cref="MaxLength"/> characters.</param>
    /// <exception cref="ArgumentException">It is empty, too long or has other characters.</exception>
    public ResumeCursor(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        if (text.Length > MaxLength || text.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            throw new ArgumentException($"a cursor has at most {MaxLength} printable ASCII characters", nameof(text));
        }

        _text = Encoding.ASCII.GetBytes(text);
    }

    private ResumeCursor()
    {
    }

    /// <summary>Gets the cursor of every delivery whose position says it all: its text is that of <see cref="Delivery.Position"/>.
    /// Costs nothing to make.</summary>
    public static ResumeCursor OfPosition { get; } = new();

    /// <summary>Writes the text.</summary>
    /// <param name="position">The position of the delivery that carries the cursor.</param>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes always suffice; 33 for <see cref="OfPosition"/>.</param>
    /// <returns>How many ASCII characters were written.</returns>
    /// <exception cref="ArgumentException">The destination is too small.</exception>
    public int Write(Position position, Span<byte> destination)
    {
        if (_text is null)
        {
            return position.TryFormat(destination, out var written)
                ? written
                : throw new ArgumentException("a cursor needs more room", nameof(destination));
        }

        _text.CopyTo(destination);
        return _text.Length;
    }
}
