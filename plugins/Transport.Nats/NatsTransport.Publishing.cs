using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Nats.Publishing;

namespace EventBroker.Transport.Nats;

// Publishing ends when the server has the message, which one ping tells all who publish at the same time.
public sealed partial class NatsTransport
{
    /// <inheritdoc/>
    public async ValueTask<PublishReceipt> PublishAsync(string eventName, TransportMessage message, CancellationToken cancellationToken)
    {
        await ReadyAsync(cancellationToken);
        var channel = await FindAsync(eventName, cancellationToken);
        if (Refusal(message) is { } refusal)
        {
            throw refusal;
        }

        var sent = await _publisher.SendAsync(channel.Subject, message.Message, attempts: 0, cancellationToken);
        var flushed = await _publisher.FlushAsync().WaitAsync(cancellationToken);
        return _publisher.Judge(sent, flushed) is { } failure ? throw failure : default;
    }

    /// <inheritdoc/>
    public async ValueTask PublishAsync(string eventName, PublishBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        await ReadyAsync(cancellationToken);
        var channel = await FindAsync(eventName, cancellationToken);
        var sent = new (Presence Presence, ulong Id)[batch.Count];
        for (var i = 0; i < sent.Length; i++)
        {
            if (Refusal(batch[i]) is { } refusal)
            {
                batch.Fail(i, refusal);
            }
            else
            {
                sent[i] = await _publisher.SendAsync(channel.Subject, batch[i].Message, attempts: 0, cancellationToken);
            }
        }

        var flushed = await _publisher.FlushAsync().WaitAsync(cancellationToken);
        for (var i = 0; i < sent.Length; i++)
        {
            if (sent[i].Presence is not null && _publisher.Judge(sent[i], flushed) is { } failure)
            {
                batch.Fail(i, failure);
            }
        }
    }

    private BrokerException? Refusal(in TransportMessage message)
    {
        if (message.OrderingKey is not null)
        {
            return BrokerErrors.OptionNotSupported(_state.Name, "ordering_key", "it knows no order but that of a publisher's messages");
        }

        if (message.DueTime is not null)
        {
            return BrokerErrors.OptionNotSupported(_state.Name, "due_time", "it delivers at once; publish the message when it is due");
        }

        return message.Message.Length > Capabilities.MaxMessageBytes
            ? new BrokerException(
                BrokerErrorCode.ResourceExhausted, $"the message has {message.Message.Length} bytes, and NATS takes {Capabilities.MaxMessageBytes} at the most")
            {
                IsFinal = true,
            }
            : null;
    }
}
