using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;

namespace EventBroker.Client.Bus;

/// <summary>Protobuf in its binary form, as <c>application/protobuf</c>; reads <c>application/x-protobuf</c> as well.</summary>
/// <remarks>Its type is known to be a message at run time only: to close a generic type over one then is what AOT compilation does not
/// allow.</remarks>
internal sealed class ProtobufCodec<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>
    : IEventCodec<T>
{
    public string ContentType => "application/protobuf";

    public bool CanDecode(string mediaType) =>
        mediaType.Equals(ContentType, StringComparison.OrdinalIgnoreCase)
        || mediaType.Equals("application/x-protobuf", StringComparison.OrdinalIgnoreCase);

    public void Encode(T value, IBufferWriter<byte> destination) => ((IMessage)value!).WriteTo(destination);

    public T Decode(ReadOnlyMemory<byte> payload)
    {
        var message = Activator.CreateInstance<T>();
        ((IMessage)message!).MergeFrom(payload.Span);
        return message;
    }
}
