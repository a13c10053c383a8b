using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EventBroker.Client.Bus;

/// <summary>JSON by System.Text.Json, as <c>application/json</c>; reads every <c>+json</c> type as well.</summary>
internal sealed class JsonCodec<T> : IEventCodec<T>
{
    private readonly JsonTypeInfo<T> _type;
    private readonly JsonWriterOptions _writing;
    private Utf8JsonWriter? _idle;

    public JsonCodec(JsonTypeInfo<T> type)
    {
        _type = type;
        _writing = new JsonWriterOptions
        {
            Encoder = type.Options.Encoder,
            Indented = type.Options.WriteIndented,
            MaxDepth = type.Options.MaxDepth,
            SkipValidation = true,
        };
    }

    public string ContentType => "application/json";

    public bool CanDecode(string mediaType) =>
        mediaType.Equals(ContentType, StringComparison.OrdinalIgnoreCase)
        || mediaType.EndsWith("+json", StringComparison.OrdinalIgnoreCase);

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

    public T Decode(ReadOnlyMemory<byte> payload) =>
        JsonSerializer.Deserialize(payload.Span, _type) ?? throw new JsonException("the payload is the JSON value null");
}
