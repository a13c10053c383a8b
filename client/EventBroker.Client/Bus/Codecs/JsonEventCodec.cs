using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EventBroker.Client;

/// <summary>JSON by System.Text.Json, as <c>application/json</c>; reads every <c>+json</c> type as well.</summary>
/// <typeparam name="T">The type of the values.</typeparam>
public sealed class JsonEventCodec<T> : IEventCodec<T>
{
    private readonly JsonTypeInfo<T> _type;
    private readonly JsonWriterOptions _writing;
    private Utf8JsonWriter? _idle;

    /// <summary>Initializes a codec.</summary>
    /// <param name="type">How the type is written and read, such as <c>MyJsonContext.Default.Order</c>.</param>
    public JsonEventCodec(JsonTypeInfo<T> type)
    {
        ArgumentNullException.ThrowIfNull(type);
        _type = type;
        _writing = new JsonWriterOptions
        {
            Encoder = type.Options.Encoder,
            Indented = type.Options.WriteIndented,
            MaxDepth = type.Options.MaxDepth,
            SkipValidation = true,
        };
    }

    /// <inheritdoc/>
    public string ContentType => "application/json";

    /// <inheritdoc/>
    public bool CanDecode(string mediaType)
    {
        ArgumentNullException.ThrowIfNull(mediaType);
        return mediaType.Equals(ContentType, StringComparison.OrdinalIgnoreCase)
            || mediaType.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }

    /// <inheritdoc/>
    public void Encode(T value, IBufferWriter<byte> destination)
    {
        // One writer is kept: a program that publishes one after another allocates none.
        var writer = Interlocked.Exchange(ref _idle, null);
        if (writer is null)
        {
            writer = new Utf8JsonWriter(destination, _writing);
        }
        else
        {
            writer.Reset(destination);
        }

        JsonSerializer.Serialize(writer, value, _type);
        writer.Flush();
        _idle = writer;
    }

    /// <inheritdoc/>
    public T Decode(ReadOnlyMemory<byte> payload) =>
        JsonSerializer.Deserialize(payload.Span, _type) ?? throw new JsonException("the payload is the JSON value null");
}
