using EventBroker.Protos.Broker.V1;
using EventBroker.Protos.Event.V1;
using Google.Protobuf;
using Grpc.Core;

namespace EventBroker.Client.Publishing;

/// <summary>The ways of one message to the broker. A <see cref="PublishItem"/> has the fields of a <see cref="PublishRequest"/>, with the same
/// numbers, so one object goes either way.</summary>
internal static class PublishMethods
{
    private static readonly Marshaller<PublishItem> Item = Marshallers.Create(
        static (PublishItem item, SerializationContext context) =>
        {
            context.SetPayloadLength(item.CalculateSize());
            item.WriteTo(context.GetBufferWriter());
            context.Complete();
        },
        static context => PublishItem.Parser.ParseFrom(context.PayloadAsReadOnlySequence()));

    /// <summary>A call of its own.</summary>
    public static readonly Method<PublishItem, PublishResponse> Alone = new(
        MethodType.Unary,
        EventService.Descriptor.FullName,
        nameof(EventService.EventServiceClient.Publish),
        Item,
        Answer(PublishResponse.Parser));

    private static Marshaller<T> Answer<T>(MessageParser<T> parser)
        where T : IMessage<T> => Marshallers.Create(
            static (_, _) => throw new NotSupportedException("answers are only received"),
            context => parser.ParseFrom(context.PayloadAsReadOnlySequence()));
}
