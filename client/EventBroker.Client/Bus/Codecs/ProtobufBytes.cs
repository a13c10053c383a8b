using System.Buffers;
using Google.Protobuf;

namespace EventBroker.Client.Bus;

internal static class ProtobufBytes
{
    public const string ContentType = "application/protobuf";

    public static bool CanDecode(string mediaType) =>
        mediaType.Equals(ContentType, StringComparison.OrdinalIgnoreCase)
        || mediaType.Equals("application/x-protobuf", StringComparison.OrdinalIgnoreCase);

    public static void Encode(IMessage value, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        value.WriteTo(destination);
    }
}
