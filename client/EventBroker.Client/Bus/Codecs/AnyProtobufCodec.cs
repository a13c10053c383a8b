using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;

namespace EventBroker.Client.Bus;

/// <summary>What <see cref="ProtobufEventCodec{T}"/> does, for a type that is known to be a message at run time only: making the closed generic
/// type then is what AOT compilation does not allow.</summary>
internal sealed class AnyProtobufCodec<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>
    : IEventCodec<T>
{
    public string ContentType => ProtobufBytes.ContentType;

    public bool CanDecode(string mediaType) => ProtobufBytes.CanDecode(mediaType);

    public void Encode(T value, IBufferWriter<byte> destination) => ProtobufBytes.Encode((IMessage)value!, destination);

    public T Decode(ReadOnlyMemory<byte> payload)
    {
        var message = Activator.CreateInstance<T>();
        ((IMessage)message!).MergeFrom(payload.Span);
        return message;
    }
}
