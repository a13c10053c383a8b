using System.Buffers;

namespace EventBroker.Client.Bus;

/// <summary>Bytes as they are. Whoever asks for bytes takes those of any content type.</summary>
internal sealed class BytesCodec : IEventCodec<byte[]>, IEventCodec<ReadOnlyMemory<byte>>
{
    public static readonly BytesCodec Instance = new();

    public string ContentType => "application/octet-stream";

    public bool CanDecode(string mediaType) => true;

    public void Encode(byte[] value, IBufferWriter<byte> destination) => destination.Write(value);

    public void Encode(ReadOnlyMemory<byte> value, IBufferWriter<byte> destination) => destination.Write(value.Span);

    byte[] IEventCodec<byte[]>.Decode(ReadOnlyMemory<byte> payload) => payload.ToArray();

    ReadOnlyMemory<byte> IEventCodec<ReadOnlyMemory<byte>>.Decode(ReadOnlyMemory<byte> payload) => payload;
}
