using System.Text;
using System.Text.Unicode;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;

namespace EventBroker.Endpoints.Grpc;

// Reads a PublishRequest (or PublishItem, whose fields are the same) straight into an encoded message. Follows protobuf: the
// last of a repeated single field wins, so does the last of equal map keys, unknown fields are passed over.
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
        var at = 0;
        while (at < bytes.Length)
        {
            if (!ProtoWire.TryReadVarint(bytes, ref at, out var tag) || tag >> 3 is 0 or > int.MaxValue >> 3)
            {
                return Malformed("a field's tag is broken");
            }

            if (tag is not (0x0A or 0x12 or 0x1A or 0x22))
            {
                if (!ProtoWire.TrySkip(bytes, ref at, (int)(tag & 7)))
                {
                    return Malformed($"field {tag >> 3} is cut off or of an unknown type");
                }

                continue;
            }

            if (!ProtoWire.TryReadBytes(bytes, ref at, out var value))
            {
                return Malformed($"field {tag >> 3} is cut off");
            }

            switch (tag)
            {
                case 0x0A:
                    eventName = value;
                    break;
                case 0x12:
                    id = value;
                    break;
                case 0x1A:
                    payload = value;
                    break;
                default:
                    if (!Entry.TryRead(value, at - value.Length, out var entry))
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

        if (!Utf8.IsValid(eventName))
        {
            return Malformed("event is not valid UTF-8");
        }

        if (!Utf8.IsValid(id))
        {
            return Malformed("id is not valid UTF-8");
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
            var key = entries[i].Key(bytes);
            var value = entries[i].Value(bytes);
            if (!Utf8.IsValid(key) || !Utf8.IsValid(value))
            {
                return false;
            }

            if (!entries[i].Dropped && (entries.Length > FewEntries || !HasLater(bytes, entries, i)))
            {
                message.WriteMetadata(key, value);
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
        private int _key;
        private int _keyLength;
        private int _value;
        private int _valueLength;

        public bool Dropped { get; set; }

        public static bool TryRead(ReadOnlySpan<byte> bytes, int offset, out Entry entry)
        {
            entry = default;
            var at = 0;
            while (at < bytes.Length)
            {
                if (!ProtoWire.TryReadVarint(bytes, ref at, out var tag) || tag >> 3 == 0)
                {
                    return false;
                }

                if (tag is 0x0A or 0x12)
                {
                    if (!ProtoWire.TryReadBytes(bytes, ref at, out var text))
                    {
                        return false;
                    }

                    if (tag == 0x0A)
                    {
                        entry._key = offset + at - text.Length;
                        entry._keyLength = text.Length;
                    }
                    else
                    {
                        entry._value = offset + at - text.Length;
                        entry._valueLength = text.Length;
                    }
                }
                else if (!ProtoWire.TrySkip(bytes, ref at, (int)(tag & 7)))
                {
                    return false;
                }
            }

            return true;
        }

        public readonly ReadOnlySpan<byte> Key(ReadOnlySpan<byte> bytes) => bytes.Slice(_key, _keyLength);

        public readonly ReadOnlySpan<byte> Value(ReadOnlySpan<byte> bytes) => bytes.Slice(_value, _valueLength);
    }
}
