using System.Buffers;
using Google.Protobuf;

namespace EventBroker.Client;

/// <summary>Protobuf in its binary form, as <c>application/protobuf</c>; reads <c>application/x-protobuf</c> as well.</summary>
/// <typeparam name="T">The type of the values: one generated from a .proto file.</typeparam>
public sealed class ProtobufEventCodec<T> : IEventCodec<T>
    where T : IMessage<T>, new()
{
    /// <inheritdoc/>
    public string ContentType => Bus.ProtobufBytes.ContentType;

    /// <inheritdoc/>
    public bool CanDecode(string mediaType) => Bus.ProtobufBytes.CanDecode(mediaType);

    /// <inheritdoc/>
    public void Encode(T value, IBufferWriter<byte> destination) => Bus.ProtobufBytes.Encode(value, destination);

    /// <inheritdoc/>
    public T Decode(ReadOnlyMemory<byte> payload)
    {
        var message = new T();
        message.MergeFrom(payload.Span);
        return message;
    }
}
