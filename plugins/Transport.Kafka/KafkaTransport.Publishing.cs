using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Kafka.Publishing;
using EventBroker.Transport.Kafka.Topics;

namespace EventBroker.Transport.Kafka;

public sealed partial class KafkaTransport
{
    /// <inheritdoc/>
    public async ValueTask<PublishReceipt> PublishAsync(string eventName, TransportMessage message, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        var topic = _events.FindKnown(eventName) ?? await FindToPublishAsync(eventName, cancellationToken);
        if (FindRefusal(topic, message) is { } refusal)
        {
            throw refusal;
        }

        return await _publisher.PublishAsync(topic, message).WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask PublishAsync(string eventName, PublishBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ThrowIfClosed();
        var topic = _events.FindKnown(eventName) ?? await FindToPublishAsync(eventName, cancellationToken);
        var indexes = new List<int>(batch.Count);
        for (var i = 0; i < batch.Count; i++)
        {
            if (FindRefusal(topic, batch[i]) is { } refusal)
            {
                batch.Fail(i, refusal);
            }
            else
            {
                indexes.Add(i);
            }
        }

        await _publisher.PublishAsync(topic, batch, indexes).WaitAsync(cancellationToken);
    }

    private async Task<EventTopic> FindToPublishAsync(string eventName, CancellationToken cancellationToken)
    {
        if (_state.Reach.IsLostFor(_state.Settings.Timeout))
        {
            throw Publisher.NotReachable();
        }

        return await _events.FindAsync(eventName).AsTask().WaitAsync(cancellationToken);
    }

    private BrokerException? FindRefusal(EventTopic topic, in TransportMessage message)
    {
        if (message.DueTime is not null)
        {
            return BrokerErrors.OptionNotSupported(_state.Name, "due_time", "it delivers at once; publish when the time has come");
        }

        var most = Math.Min(_state.Settings.MaxMessageBytes, topic.Options.MaxMessageBytes ?? int.MaxValue);
        return message.Message.Length > most
            ? new BrokerException(
                BrokerErrorCode.ResourceExhausted, $"the message has {message.Message.Length} bytes, and the event's topic takes {most}")
            { IsFinal = true }
            : null;
    }
}
