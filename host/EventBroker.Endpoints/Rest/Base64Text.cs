using System.Buffers;
using System.Buffers.Text;
using EventBroker.Sdk.Messages;

namespace EventBroker.Endpoints.Rest;

// Base64 as protobuf's JSON form takes it: the standard and the URL-safe alphabet, with and without padding.
internal static class Base64Text
{
    private static readonly SearchValues<byte> Unusual = SearchValues.Create("-_ \r\n\t"u8);

    // False for what is no base64; the encoder is spoiled then.
    public static bool TryWritePayload(ReadOnlySpan<byte> text, MessageEncoder message)
    {
        if (text.IsEmpty)
        {
            return true;
        }

        // The usual case goes straight into the message.
        if (text.Length % 4 == 0 && !text.ContainsAny(Unusual))
        {
            var padding = text[^1] != '=' ? 0 : text[^2] != '=' ? 1 : 2;
            var room = message.ReservePayload((text.Length / 4 * 3) - padding);
            return Base64.DecodeFromUtf8(text, room, out var consumed, out var written) == OperationStatus.Done
                && consumed == text.Length && written == room.Length;
        }

        return TryWriteOther(text, message);
    }

    private static bool TryWriteOther(ReadOnlySpan<byte> text, MessageEncoder message)
    {
        var plain = ArrayPool<byte>.Shared.Rent(text.Length + 3);
        try
        {
            var isUrl = text.ContainsAny("-_"u8);
            var length = 0;
            foreach (var c in text)
            {
                // Line breaks within base64 are common; the two alphabets don't mix.
                if (c is (byte)'\r' or (byte)'\n')
                {
                    continue;
                }

                if (isUrl && (c is (byte)'+' or (byte)'/'))
                {
                    return false;
                }

                plain[length++] = c switch { (byte)'-' => (byte)'+', (byte)'_' => (byte)'/', _ => c };
            }

            // Padding is there in full or not at all.
            if (length % 4 == 1 || (length % 4 != 0 && plain.AsSpan(0, length).Contains((byte)'=')))
            {
                return false;
            }

            while (length % 4 != 0)
            {
                plain[length++] = (byte)'=';
            }

            if (plain.AsSpan(0, length).ContainsAny(" \t"u8)
                || Base64.DecodeFromUtf8InPlace(plain.AsSpan(0, length), out var written) != OperationStatus.Done)
            {
                return false;
            }

            message.WritePayload(plain.AsSpan(0, written));
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(plain);
        }
    }
}
