using System.Buffers;

namespace EventBroker.Client;

/// <summary>Makes bytes of values and values of bytes. Safe for concurrent use.</summary>
/// <typeparam name="T">The type of the values.</typeparam>
public interface IEventCodec<T>
{
    /// <summary>Gets what messages carry as their <c>content-type</c>, such as <c>application/json</c>.</summary>
    string ContentType { get; }

    /// <summary>Whether messages of a media type are worth decoding; asked only of those that carry one.</summary>
    /// <param name="mediaType">The media type without its parameters.</param>
    /// <returns>Unless a codec says otherwise: whether it is that of <see cref="ContentType"/>, in upper or lower case.</returns>
    bool CanDecode(string mediaType) =>
        Bus.MediaType.Of(ContentType).Equals(mediaType, StringComparison.OrdinalIgnoreCase);

    /// <summary>Writes a value.</summary>
    /// <param name="value">The value; never null.</param>
    /// <param name="destination">Where to.</param>
    void Encode(T value, IBufferWriter<byte> destination);

    /// <summary>Reads a value.</summary>
    /// <param name="payload">The payload of a message. Never written to again, so it may be kept.</param>
    /// <returns>The value; not null.</returns>
    /// <exception cref="Exception">Whatever it is, the message counts as undecodable, and the exception's message as the reason.</exception>
    T Decode(ReadOnlyMemory<byte> payload);
}
