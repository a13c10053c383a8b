using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Redis;

public sealed partial class RedisTransport
{
    /// <inheritdoc/>
    public async ValueTask<PublishReceipt> PublishAsync(string eventName, TransportMessage message, CancellationToken cancellationToken)
    {
        if (FindRefusal(message) is { } refusal)
        {
            throw refusal;
        }

        for (var attempt = 0; ; attempt++)
        {
            var entry = _events.TryGet(eventName) ?? await FindToPublishAsync(eventName, cancellationToken);
            try
            {
                return await entry.Publisher.PublishAsync(message).WaitAsync(cancellationToken);
            }
            catch (BrokerException failure) when (failure.Code == BrokerErrorCode.NotFound && attempt == 0)
            {
                // Not the registration that was known here; there may be another.
                _events.Remove(entry);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask PublishAsync(string eventName, PublishBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var indexes = new List<int>(batch.Count);
        for (var i = 0; i < batch.Count; i++)
        {
            if (FindRefusal(batch[i]) is { } refusal)
            {
                batch.Fail(i, refusal);
            }
            else
            {
                indexes.Add(i);
            }
        }

        for (var attempt = 0; ; attempt++)
        {
            var entry = _events.TryGet(eventName) ?? await FindToPublishAsync(eventName, cancellationToken);
            try
            {
                await entry.Publisher.PublishAsync(batch, indexes).WaitAsync(cancellationToken);
                return;
            }
            catch (BrokerException failure) when (failure.Code == BrokerErrorCode.NotFound && attempt == 0)
            {
                _events.Remove(entry);
            }
        }
    }

    private async Task<Events.EventEntry> FindToPublishAsync(string eventName, CancellationToken cancellationToken)
    {
        if (_state.Backend.IsLost)
        {
            throw new BrokerException(BrokerErrorCode.Unavailable, "Redis is not reachable");
        }

        return await _events.FindAsync(eventName).WaitAsync(cancellationToken);
    }

    private BrokerException? FindRefusal(in TransportMessage message) =>
        message.OrderingKey is not null ? Refuse("ordering_key", "its messages are ordered as a whole; publish without a key")
        : message.DueTime is not null ? Refuse("due_time", "it delivers at once; publish when the time has come")
        : null;

    private BrokerException Refuse(string option, string why) => BrokerErrors.OptionNotSupported(_state.Name, option, why);
}
