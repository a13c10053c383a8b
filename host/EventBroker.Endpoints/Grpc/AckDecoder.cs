using System.Text;
using System.Text.Unicode;
using EventBroker.Broker.Settling;
using EventBroker.Endpoints.Http;
using EventBroker.Endpoints.Streaming;
using EventBroker.Protos.Event.V1;
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
        var fields = new ProtoFieldReader(bytes);
        while (fields.Read())
        {
            if (fields.BytesField != AckRequest.EntriesFieldNumber)
            {
                continue;
            }

            if (count == maxEntries)
            {
                return new Decoded<AckCall>(Limits.TooManyItems("entries", maxEntries));
            }

            if (count == entries.Length)
            {
                // The others are mostly as long as the first one, which has a tag and a length before it.
                var guess = 1 + ((bytes.Length - fields.Position) / (fields.Bytes.Length + 2));
                Array.Resize(ref entries, count == 0 ? Math.Min(guess, MaxGuess) : count * 2);
            }

            if (!TryReadEntry(fields.Bytes, out entries[count]))
            {
                return new Decoded<AckCall>($"entry {count} is broken");
            }

            count++;
        }

        return fields.Fault is { } fault ? new Decoded<AckCall>(fault)
            : new Decoded<AckCall>(count == 0 ? AckCall.Empty : new AckCall(entries, count));
    }

    public static void WriteResponse(AckCall call, SerializationContext context)
    {
        var entries = call.Entries.Span;

        // Packed: every result is a varint of one byte.
        var length = entries.IsEmpty ? 0 : ProtoFieldWriter.LengthOf(AckResponse.ResultsFieldNumber, entries.Length);
        context.SetPayloadLength(length);

        // An empty answer needs the writer as well: Complete wants it to have been asked for.
        var writer = context.GetBufferWriter();
        if (length > 0)
        {
            var room = new ProtoFieldWriter(writer.GetSpan(length)).Reserve(AckResponse.ResultsFieldNumber, entries.Length);
            for (var i = 0; i < entries.Length; i++)
            {
                room[i] = (byte)entries[i].Result;
            }

            writer.Advance(length);
        }

        context.Complete();
    }

    private static bool TryReadEntry(ReadOnlySpan<byte> bytes, out SettleEntry entry)
    {
        entry = default;
        ReadOnlySpan<byte> ackId = default, error = default;
        TimeSpan? delay = null, extend = null;
        var outOfRange = false;
        var isText = true;
        var isRepeat = false;
        var fields = new ProtoFieldReader(bytes);
        while (fields.Read())
        {
            switch (fields.BytesField)
            {
                case AckEntry.AckIdFieldNumber:
                    ackId = fields.Bytes;
                    isText &= Utf8.IsValid(ackId);
                    break;
                case AckEntry.ErrorFieldNumber:
                    error = fields.Bytes;
                    isText &= Utf8.IsValid(error);
                    break;
                case AckEntry.NackDelayFieldNumber:
                    outOfRange |= !ProtoDuration.TryRead(fields.Bytes, out delay);
                    break;
                case AckEntry.ExtendFieldNumber:
                    outOfRange |= !ProtoDuration.TryRead(fields.Bytes, out extend);
                    break;
                default:
                    isRepeat = fields.VarintField == AckEntry.RepeatFieldNumber ? fields.Varint != 0 : isRepeat;
                    break;
            }
        }

        if (fields.Fault is not null || !isText)
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
