using EventBroker.Client.Diagnostics;
using EventBroker.Client.Options;
using EventBroker.Protos.Broker.V1;
using EventBroker.Protos.Event.V1;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Grpc.Core;

namespace EventBroker.Client.Publishing;

/// <summary>Makes what goes over the wire of what the program gave.</summary>
internal static class WireMessages
{
    // Room for the names of fields and whatever is not payload, so that only a payload near the limit is measured.
    private const int Slack = 32 * 1024;

    public static PublishRequest ToRequest(string eventName, OutgoingMessage message, bool isTraced, int maxBytes)
    {
        CheckSource(message);
        var request = new PublishRequest
        {
            Event = eventName,
            Id = string.IsNullOrEmpty(message.Id) ? MessageIds.Next() : message.Id,
            Payload = UnsafeByteOperations.UnsafeWrap(message.Payload),
        };
        Fill(request.Metadata, message.Metadata, isTraced);
        if (message.Payload.Length > maxBytes - Slack && request.CalculateSize() > maxBytes)
        {
            throw TooLarge(request.CalculateSize(), maxBytes);
        }

        return request;
    }

    public static PublishItem ToItem(string eventName, OutgoingMessage message)
    {
        CheckSource(message);
        var item = new PublishItem
        {
            Event = eventName,
            Id = string.IsNullOrEmpty(message.Id) ? MessageIds.Next() : message.Id,
            Payload = UnsafeByteOperations.UnsafeWrap(message.Payload),
        };
        Fill(item.Metadata, message.Metadata, isTraced: true);
        return item;
    }

    public static EventBrokerException TooLarge(int bytes, int maxBytes) => new(
        StatusCode.ResourceExhausted,
        $"the message has {bytes} bytes, {maxBytes} are allowed: send less, or raise {nameof(RemoteTransportOptions.MaxMessageBytes)} here and the limit of the broker");

    private static void CheckSource(OutgoingMessage message)
    {
        if (message.Source is { } source && !HeaderRules.IsSendable(source))
        {
            throw new ArgumentException($"{nameof(OutgoingMessage.Source)} goes into a header and holds a control character", nameof(message));
        }
    }

    private static void Fill(MapField<string, string> destination, IReadOnlyDictionary<string, string>? metadata, bool isTraced)
    {
        if (metadata is not null)
        {
            foreach (var (key, value) in metadata)
            {
                destination.Add(key, value);
            }
        }

        if (isTraced)
        {
            ClientTracing.Inject(destination);
        }
    }
}
