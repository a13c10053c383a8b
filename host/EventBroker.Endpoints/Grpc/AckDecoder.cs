using System.Text;
using System.Text.Unicode;
using EventBroker.Broker.Settling;
using EventBroker.Endpoints.Http;
using EventBroker.Endpoints.Streaming;
using EventBroker.Sdk.Messages;
using Grpc.Core;

namespace EventBroker.Endpoints.Grpc;

// Reads an AckRequest into the broker's entries and writes the AckResponse.
internal static class AckDecoder
{
    // More than this is taken when it has come.
    private const int MaxGuess = 1024;

    public static Decoded<AckCall> Decode(ReadOnlySpan<byte> bytes, int maxEntries)
    {
        SettleEntry[] entries = [];
        var count = 0;
        var at = 0;
        while (at < bytes.Length)
        {
            if (!ProtoWire.TryReadVarint(bytes, ref at, out var tag) || tag >> 3 == 0)
            {
                return new Decoded<AckCall>("a field's tag is broken");
            }

            if (tag != 0x0A)
            {
                if (!ProtoWire.TrySkip(bytes, ref at, (int)(tag & 7)))
                {
                    return new Decoded<AckCall>($"field {tag >> 3} is cut off or of an unknown type");
                }

                continue;
            }

            if (count == maxEntries)
            {
                return new Decoded<AckCall>(Limits.TooManyItems("entries", maxEntries));
            }

            var start = at;
            if (!ProtoWire.TryReadBytes(bytes, ref at, out var entry))
            {
                return new Decoded<AckCall>($"entry {count} is broken");
            }

            if (count == entries.Length)
            {
                // The others are mostly as long as the first one.
                Array.Resize(ref entries, count == 0 ? Math.Min(1 + ((bytes.Length - at) / (at - start)), MaxGuess) : count * 2);
            }

            if (!TryReadEntry(entry, out entries[count]))
            {
                return new Decoded<AckCall>($"entry {count} is broken");
            }

            count++;
        }

        return new Decoded<AckCall>(count == 0 ? AckCall.Empty : new AckCall(entries, count));
    }

    public static void WriteResponse(AckCall call, SerializationContext context)
    {
        var entries = call.Entries.Span;

        // Field 100, packed: every result is a varint of one byte.
        var length = entries.IsEmpty ? 0 : 2 + ProtoWire.VarintLength((ulong)entries.Length) + entries.Length;
        context.SetPayloadLength(length);

        // An empty answer needs the writer as well: Complete wants it to have been asked for.
        var writer = context.GetBufferWriter();
        if (length == 0)
        {
            context.Complete();
            return;
        }

        var room = writer.GetSpan(length);
        room[0] = 0xA2;
        room[1] = 0x06;
        var at = 2 + ProtoWire.WriteVarint(room[2..], (ulong)entries.Length);
        foreach (ref readonly var entry in entries)
        {
            room[at++] = (byte)entry.Result;
        }

        writer.Advance(length);
        context.Complete();
    }

    private static bool TryReadEntry(ReadOnlySpan<byte> bytes, out SettleEntry entry)
    {
        entry = default;
        ReadOnlySpan<byte> ackId = default, error = default;
        TimeSpan? delay = null, extend = null;
        var outOfRange = false;
        var isRepeat = false;
        var at = 0;
        while (at < bytes.Length)
        {
            if (!ProtoWire.TryReadVarint(bytes, ref at, out var tag) || tag >> 3 == 0)
            {
                return false;
            }

            if (tag == 0x330)
            {
                if (!ProtoWire.TryReadVarint(bytes, ref at, out var flag))
                {
                    return false;
                }

                isRepeat = flag != 0;
            }
            else if (tag is 0x0A or 0x12 or 0x322 or 0x32A)
            {
                if (!ProtoWire.TryReadBytes(bytes, ref at, out var value))
                {
                    return false;
                }

                switch (tag)
                {
                    case 0x0A:
                        ackId = value;
                        break;
                    case 0x12:
                        error = value;
                        break;
                    case 0x322:
                        outOfRange |= !ProtoDuration.TryRead(value, out delay);
                        break;
                    default:
                        outOfRange |= !ProtoDuration.TryRead(value, out extend);
                        break;
                }
            }
            else if (!ProtoWire.TrySkip(bytes, ref at, (int)(tag & 7)))
            {
                return false;
            }
        }

        if (!Utf8.IsValid(ackId) || !Utf8.IsValid(error))
        {
            return false;
        }

        entry = Settlements.Make(ackId, error.IsEmpty ? null : Encoding.UTF8.GetString(error), delay, extend);
        entry.IsRepeat = isRepeat;
        if (outOfRange)
        {
            entry.Result = SettleResult.Invalid;
        }

        return true;
    }
}
