using Grpc.Core;

namespace EventBroker.Client.Bus;

/// <summary>Publishes what could not be decoded to an event of its own.</summary>
internal sealed class DeadLetters(RemoteTransport transport, string eventName, HandlerOptions options)
{
    public string EventName { get; } = options.DeadLetterEvent ?? eventName + ".dead-letter";

    public async Task PublishAsync(Delivery delivery, string reason, CancellationToken cancellationToken)
    {
        var metadata = new Dictionary<string, string>(delivery.Metadata)
        {
            ["dead-letter-reason"] = reason,
            ["dead-letter-event"] = eventName,
            ["dead-letter-id"] = delivery.Id,
        };
        if (delivery.Source.Length > 0)
        {
            metadata["dead-letter-source"] = delivery.Source;
        }

        // An id of its own: the letters of several events may come together, where ids of different publishers could be the same.
        var letter = new OutgoingMessage { Payload = delivery.Payload, Metadata = metadata };
        try
        {
            await transport.PublishAsync(EventName, letter, cancellationToken).ConfigureAwait(false);
        }
        catch (EventBrokerException missing) when (missing.Code == StatusCode.NotFound)
        {
            await transport.EnsureRegisteredAsync(EventName, cancellationToken).ConfigureAwait(false);
            await transport.PublishAsync(EventName, letter, cancellationToken).ConfigureAwait(false);
        }
    }
}
