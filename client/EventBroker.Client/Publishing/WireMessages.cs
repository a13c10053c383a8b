using EventBroker.Client.Connections;
using EventBroker.Client.Diagnostics;
using EventBroker.Client.Options;
using EventBroker.Protos.Broker.V1;
using Google.Protobuf;
using Grpc.Core;

namespace EventBroker.Client.Publishing;

/// <summary>Makes what goes over the wire of what the program gave.</summary>
internal static class WireMessages
{
    // The tags and lengths of a message's fields, and of each entry of its metadata.
    private const int Framing = 32;
    private const int EntryFraming = 16;

    // traceparent and a tracestate as long as that may be.
    private const int MostTrace = 1024;

    // A character is three bytes at the most; half of a surrogate pair is, too.
    private const int BytesPerChar = 3;

    /// <summary>Makes a message.</summary>
    /// <param name="eventName">The event.</param>
    /// <param name="message">What the program gave.</param>
    /// <param name="isTraced">Whether the current trace goes with it; without one it goes as it is, not a byte larger.</param>
    /// <param name="atMost">How large it is, at the most: to measure it exactly costs more.</param>
    public static PublishItem ToItem(string eventName, OutgoingMessage message, bool isTraced, out int atMost)
    {
        CheckSource(message);
        var item = new PublishItem
        {
            Event = eventName,
            Id = string.IsNullOrEmpty(message.Id) ? MessageIds.Next() : message.Id,
            Payload = UnsafeByteOperations.UnsafeWrap(message.Payload),
        };
        var most = Framing + message.Payload.Length + ((long)BytesPerChar * (eventName.Length + item.Id.Length));
        if (message.Metadata is { } metadata)
        {
            foreach (var (key, value) in metadata)
            {
                item.Metadata.Add(key, value);
                most += EntryFraming + ((long)BytesPerChar * (key.Length + value.Length));
            }
        }

        if (isTraced && ClientTracing.Inject(item.Metadata))
        {
            most += MostTrace;
        }

        atMost = (int)Math.Min(most, int.MaxValue);
        return item;
    }

    /// <summary>Looks whether a message is larger than is allowed here, or surely larger than the broker takes.</summary>
    /// <param name="item">The message.</param>
    /// <param name="atMost">How large it is, at the most.</param>
    /// <param name="connection">The broker.</param>
    public static EventBrokerException? FindFault(PublishItem item, int atMost, BrokerConnection connection)
    {
        // A batch has the length of each message beside it.
        var own = connection.Options.MaxMessageBytes - 16;
        var brokers = connection.Limits.MaxMessageBytes;
        if (atMost <= own && atMost <= brokers)
        {
            return null;
        }

        var size = item.CalculateSize();
        if (size > own)
        {
            return TooLarge(size, $"{own} are allowed: send less, or raise {nameof(RemoteTransportOptions.MaxMessageBytes)} here and the limit of the broker");
        }

        // The broker does not count the event's name, and other things besides.
        var least = size - item.Event.Length - 2;
        return least > brokers ? TooLarge(least, $"the broker takes {brokers}") : null;
    }

    private static EventBrokerException TooLarge(int bytes, string limit) =>
        new(ErrorCode.ResourceExhausted, $"the message has {bytes} bytes, and {limit}") { IsFinal = true };

    private static void CheckSource(OutgoingMessage message)
    {
        if (message.Source is { } source && !HeaderRules.IsSendable(source))
        {
            throw new ArgumentException($"{nameof(OutgoingMessage.Source)} goes into a header and holds a control character", nameof(message));
        }
    }
}
