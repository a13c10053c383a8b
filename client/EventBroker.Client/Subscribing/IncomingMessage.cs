using System.Buffers;
using System.Text;

namespace EventBroker.Client.Subscribing;

/// <summary>A delivered <c>event.v1.Message</c>, kept as the bytes that came: what a program does not look at is never decoded, which
/// halves what the generated class costs.</summary>
internal sealed class IncomingMessage
{
    private byte[] _bytes;
    private readonly Range _id;
    private readonly Range _source;
    private readonly Range _payload;
    private readonly Range _cursor;
    private readonly bool _hasMetadata;
    private string? _idText;
    private string? _cursorText;
    private IReadOnlyDictionary<string, string>? _metadata;

    private IncomingMessage(byte[] bytes)
    {
        _bytes = bytes;
        AckId = "";
        var reader = new WireReader(bytes);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1:
                    _id = reader.Content;
                    break;
                case 2:
                    _source = reader.Content;
                    break;
                case 3:
                    _payload = reader.Content;
                    break;
                case 4:
                    _hasMetadata = true;
                    break;
                case 5:
                    ReadTime(bytes.AsSpan(reader.Content));
                    break;
                case 6:
                    RetryCount = (int)reader.Number;
                    break;
                case 7:
                    AckId = Encoding.UTF8.GetString(bytes.AsSpan(reader.Content));
                    break;
                case 100:
                    _cursor = reader.Content;
                    break;
                case 101:
                    Missed = (long)reader.Number;
                    break;
            }
        }
    }

    public string Id => _idText ??= Text(_id);

    public string Source => IsTooLarge ? "" : Text(_source);

    public ReadOnlyMemory<byte> Payload => IsTooLarge ? default : _bytes.AsMemory(_payload);

    /// <summary>Gets how large the message came.</summary>
    public int Size { get; private init; }

    /// <summary>Gets whether it is larger than the program takes: then its content was dropped.</summary>
    public bool IsTooLarge { get; private set; }

    public IReadOnlyDictionary<string, string> Metadata => _metadata ??= ReadMetadata();

    public bool HasTime { get; private set; }

    public long Seconds { get; private set; }

    public int Nanoseconds { get; private set; }

    public int RetryCount { get; }

    public string AckId { get; }

    public string Cursor => _cursorText ??= Text(_cursor);

    public long Missed { get; }

    /// <summary>Decodes what came over a stream.</summary>
    /// <param name="bytes">What came.</param>
    /// <param name="limit">How large it may be. Of what is larger, all but the content is kept: enough to give it back.</param>
    /// <exception cref="FormatException">The bytes are no message.</exception>
    public static IncomingMessage Decode(ReadOnlySequence<byte> bytes, int limit)
    {
        // The sequence is the connection's and used again; this copy is the message's for good.
        var own = GC.AllocateUninitializedArray<byte>((int)bytes.Length);
        bytes.CopyTo(own);
        var message = new IncomingMessage(own) { Size = own.Length };
        if (own.Length > limit)
        {
            message.DropContent();
        }

        return message;
    }

    private void DropContent()
    {
        (_idText, _cursorText) = (Text(_id), Text(_cursor));
        _metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        IsTooLarge = true;
        _bytes = [];
    }

    private string Text(Range range) => Encoding.UTF8.GetString(_bytes.AsSpan(range));

    private void ReadTime(ReadOnlySpan<byte> bytes)
    {
        HasTime = true;
        var reader = new WireReader(bytes);
        while (reader.Read())
        {
            if (reader.Field == 1)
            {
                Seconds = (long)reader.Number;
            }
            else if (reader.Field == 2)
            {
                Nanoseconds = (int)reader.Number;
            }
        }
    }

    private Dictionary<string, string> ReadMetadata()
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!_hasMetadata)
        {
            return metadata;
        }

        var reader = new WireReader(_bytes);
        while (reader.Read())
        {
            if (reader.Field != 4)
            {
                continue;
            }

            var (key, value) = ("", "");
            var bytes = _bytes.AsSpan(reader.Content);
            var entry = new WireReader(bytes);
            while (entry.Read())
            {
                if (entry.Field == 1)
                {
                    key = Encoding.UTF8.GetString(bytes[entry.Content]);
                }
                else if (entry.Field == 2)
                {
                    value = Encoding.UTF8.GetString(bytes[entry.Content]);
                }
            }

            metadata[key] = value;
        }

        return metadata;
    }
}
