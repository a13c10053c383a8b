using System.Text;
using System.Text.Unicode;
using EventBroker.Protos.Event.V1;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;

namespace EventBroker.Endpoints.Grpc;

// Reads a PublishRequest (or PublishItem, whose fields are the same) straight into an encoded message. Follows protobuf: the
// last of a repeated single field wins, so does the last of equal map keys, all texts are valid UTF-8, unknown fields are passed over.
internal static class PublishDecoder
{
    // Beyond the highest limit that BrokerOptions allows; keeps the search for equal keys bounded.
    private const int MaxEntries = 10_000;
    private const int FewEntries = 16;

    // Room for what is added later: source, generated id, timestamp.
    private const int Headroom = 96;

    public static PublishCall Decode(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> eventName = default, id = default, payload = default;
        Span<Entry> entries = stackalloc Entry[FewEntries];
        var count = 0;
        var fields = new ProtoFieldReader(bytes);
        while (fields.Read())
        {
            switch (fields.BytesField)
            {
                case PublishRequest.EventFieldNumber:
                    if (!Utf8.IsValid(fields.Bytes))
                    {
                        return Malformed("event is not valid UTF-8");
                    }

                    eventName = fields.Bytes;
                    break;
                case PublishRequest.IdFieldNumber:
                    if (!Utf8.IsValid(fields.Bytes))
                    {
                        return Malformed("id is not valid UTF-8");
                    }

                    id = fields.Bytes;
                    break;
                case PublishRequest.PayloadFieldNumber:
                    payload = fields.Bytes;
                    break;
                case PublishRequest.MetadataFieldNumber:
                    if (!Entry.TryRead(fields.Bytes, fields.Position - fields.Bytes.Length, out var entry))
                    {
                        return Malformed("an entry of metadata is broken");
                    }

                    if (count == MaxEntries)
                    {
                        return new PublishCall { Fault = new BrokerException(BrokerErrorCode.ResourceExhausted, $"metadata has more than {MaxEntries} entries") { IsFinal = true } };
                    }

                    if (count == entries.Length)
                    {
                        var larger = new Entry[entries.Length * 4];
                        entries.CopyTo(larger);
                        entries = larger;
                    }

                    entries[count++] = entry;
                    break;
            }
        }

        if (fields.Fault is { } fault)
        {
            return Malformed(fault);
        }

        var message = new MessageEncoder(bytes.Length - eventName.Length + Headroom);
        message.WriteId(id);
        if (!WriteMetadata(message, bytes, entries[..count]))
        {
            return Malformed("a key or value of metadata is not valid UTF-8");
        }

        message.WritePayload(payload);
        return new PublishCall { EventName = EventNames.Get(eventName), Message = message };
    }

    private static bool WriteMetadata(MessageEncoder message, ReadOnlySpan<byte> bytes, Span<Entry> entries)
    {
        if (entries.Length > FewEntries)
        {
            DropEqualKeys(bytes, entries);
        }

        for (var i = 0; i < entries.Length; i++)
        {
            if (entries[i].IsNoText)
            {
                return false;
            }

            if (!entries[i].Dropped && (entries.Length > FewEntries || !HasLater(bytes, entries, i)))
            {
                message.WriteMetadata(entries[i].Key(bytes), entries[i].Value(bytes));
            }
        }

        return true;
    }

    private static bool HasLater(ReadOnlySpan<byte> bytes, ReadOnlySpan<Entry> entries, int index)
    {
        var key = entries[index].Key(bytes);
        for (var i = index + 1; i < entries.Length; i++)
        {
            if (entries[i].Key(bytes).SequenceEqual(key))
            {
                return true;
            }
        }

        return false;
    }

    // Comparing each with each would let one request of many entries burn a lot of time.
    private static void DropEqualKeys(ReadOnlySpan<byte> bytes, Span<Entry> entries)
    {
        var seen = new HashSet<string>(entries.Length, StringComparer.Ordinal);
        for (var i = entries.Length - 1; i >= 0; i--)
        {
            // Latin-1 keeps every byte apart, valid UTF-8 or not.
            entries[i].Dropped = !seen.Add(Encoding.Latin1.GetString(entries[i].Key(bytes)));
        }
    }

    private static PublishCall Malformed(string what) =>
        new() { Fault = new BrokerException(BrokerErrorCode.InvalidArgument, "malformed request: " + what) };

    // Offsets instead of spans, which an array can't hold.
    private struct Entry
    {
        // Of a map's entry, by protobuf's own rule.
        private const int KeyField = 1;
        private const int ValueField = 2;

        private int _key;
        private int _keyLength;
        private int _value;
        private int _valueLength;

        public bool Dropped { get; set; }

        // A key or value is not valid UTF-8, be it one that a later one replaces.
        public bool IsNoText { get; private set; }

        public static bool TryRead(ReadOnlySpan<byte> bytes, int offset, out Entry entry)
        {
            entry = default;
            var fields = new ProtoFieldReader(bytes);
            while (fields.Read())
            {
                var at = offset + fields.Position - fields.Bytes.Length;
                if (fields.BytesField is KeyField or ValueField)
                {
                    entry.IsNoText |= !Utf8.IsValid(fields.Bytes);
                }

                if (fields.BytesField == KeyField)
                {
                    (entry._key, entry._keyLength) = (at, fields.Bytes.Length);
                }
                else if (fields.BytesField == ValueField)
                {
                    (entry._value, entry._valueLength) = (at, fields.Bytes.Length);
                }
            }

            return fields.Fault is null;
        }

        public readonly ReadOnlySpan<byte> Key(ReadOnlySpan<byte> bytes) => bytes.Slice(_key, _keyLength);

        public readonly ReadOnlySpan<byte> Value(ReadOnlySpan<byte> bytes) => bytes.Slice(_value, _valueLength);
    }
}
