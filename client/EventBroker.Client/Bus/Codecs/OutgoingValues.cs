using System.Buffers;

namespace EventBroker.Client.Bus;

/// <summary>Makes messages of values.</summary>
internal static class OutgoingValues
{
    public static OutgoingMessage Encode<T>(IEventCodec<T> codec, T value, PublishOptions? options)
    {
        ArgumentNullException.ThrowIfNull(value);
        var payload = new ArrayBufferWriter<byte>();
        codec.Encode(value, payload);
        return new OutgoingMessage
        {
            Id = options?.Id,
            Payload = payload.WrittenMemory,
            Metadata = WithContentType(options?.Metadata, codec.ContentType),
            Source = options?.Source,
        };
    }

    private static Dictionary<string, string> WithContentType(IReadOnlyDictionary<string, string>? metadata, string contentType)
    {
        if (metadata is null)
        {
            return new Dictionary<string, string>(1) { [MediaType.Key] = contentType };
        }

        var all = new Dictionary<string, string>(metadata);
        all.TryAdd(MediaType.Key, contentType);
        return all;
    }
}
