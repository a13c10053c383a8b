using EventBroker.Protos.Event.V1;
using EventBroker.Sdk.Messages;
using Google.Protobuf;
using Grpc.Core;

namespace EventBroker.Endpoints.Grpc;

// Requests are decoded so that malformed bytes reach the handler as a fault; answers of the hot methods are written
// directly, all others by their generated classes.
internal static class Marshalling
{
    public static readonly Marshaller<PublishCall> Publish = new(WritePublishResponse, static context => PublishDecoder.Decode(Payload.AsSpan(context)));

    public static readonly Marshaller<AckCall> AckResponse = new(static (call, context) => AckDecoder.WriteResponse(call, context), NeverRead<AckCall>);

    // Subscribe writes its frames itself.
    public static readonly Marshaller<Message> Message = new(NeverWritten, NeverRead<Message>);

    public static Marshaller<Decoded<AckCall>> Ack(int maxEntries) =>
        new(NeverWritten, context => AckDecoder.Decode(Payload.AsSpan(context), maxEntries));

    public static Marshaller<Decoded<List<PublishCall>>> Batch(int maxMessages) =>
        new(NeverWritten, context => BatchDecoder.Decode(Payload.AsSpan(context), maxMessages));

    public static Marshaller<Decoded<T>> Request<T>(MessageParser<T> parser)
        where T : class, IMessage<T> =>
        new(NeverWritten, context =>
        {
            try
            {
                return new Decoded<T>(parser.ParseFrom(context.PayloadAsReadOnlySequence()));
            }
            catch (InvalidProtocolBufferException malformed)
            {
                return new Decoded<T>(malformed.Message);
            }
        });

    public static Marshaller<T> Response<T>()
        where T : class, IMessage<T> =>
        new(
            static (message, context) =>
            {
                context.SetPayloadLength(message.CalculateSize());
                message.WriteTo(context.GetBufferWriter());
                context.Complete();
            },
            NeverRead<T>);

    private static void WritePublishResponse(PublishCall call, SerializationContext context)
    {
        var id = call.Id.Span;
        var length = (id.IsEmpty ? 0 : ProtoFieldWriter.LengthOf(PublishResponse.IdFieldNumber, id.Length))
            + (call.IsDuplicate ? ProtoFieldWriter.LengthOfVarint(PublishResponse.DuplicateFieldNumber, 1) : 0);
        context.SetPayloadLength(length);

        // Asked for even if there is nothing to write: Complete wants it so.
        var writer = context.GetBufferWriter();
        if (length > 0)
        {
            var fields = new ProtoFieldWriter(writer.GetSpan(length));
            if (!id.IsEmpty)
            {
                fields.WriteBytes(PublishResponse.IdFieldNumber, id);
            }

            if (call.IsDuplicate)
            {
                fields.WriteVarint(PublishResponse.DuplicateFieldNumber, 1);
            }

            writer.Advance(length);
        }

        context.Complete();
    }

    private static void NeverWritten<T>(T value, SerializationContext context) =>
        throw new NotSupportedException($"{typeof(T).Name} is never written");

    private static T NeverRead<T>(DeserializationContext context) =>
        throw new NotSupportedException($"{typeof(T).Name} is never read");
}
