using Confluent.Kafka;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Kafka.Messages;
using EventBroker.Transport.Kafka.Topics;

namespace EventBroker.Transport.Kafka.Publishing;

/// <summary>The one producer of a transport: what callers publish at the same time shares its batches. One that can't go on, because another has
/// taken its place or its order is lost, is made anew.</summary>
internal sealed class Publisher : IAsyncDisposable
{
    private readonly KafkaState _state;
    private readonly Lock _gate = new();
    private volatile IProducer<byte[]?, byte[]?> _producer;
    private volatile bool _isClosed;

    public Publisher(KafkaState state)
    {
        _state = state;
        _producer = Make();
    }

    public static BrokerException NotReachable() => new(BrokerErrorCode.Unavailable, "Kafka is not reachable");

    /// <summary>Publishes a message.</summary>
    /// <exception cref="BrokerException">It is not known to be published.</exception>
    public Task<PublishReceipt> PublishAsync(EventTopic topic, in TransportMessage message)
    {
        var publish = new PendingPublish(this, topic);
        Produce(topic, message, publish.OnReport);
        return publish.Task;
    }

    /// <summary>Publishes several messages, in their order.</summary>
    public async Task PublishAsync(EventTopic topic, PublishBatch batch, IReadOnlyList<int> indexes)
    {
        var pending = new Task<PublishReceipt>[indexes.Count];
        for (var i = 0; i < pending.Length; i++)
        {
            try
            {
                pending[i] = PublishAsync(topic, batch[indexes[i]]);
            }
            catch (BrokerException failure)
            {
                pending[i] = Task.FromException<PublishReceipt>(failure);
            }
        }

        for (var i = 0; i < pending.Length; i++)
        {
            try
            {
                batch.Accept(indexes[i], await pending[i]);
            }
            catch (BrokerException failure)
            {
                batch.Fail(indexes[i], failure);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
        }

        await EndAsync(_producer);
    }

    private IProducer<byte[]?, byte[]?> Make() => _state.Clients.MakeProducer(Rebuild, _state.Metrics.Producer);

    private void Produce(EventTopic topic, in TransportMessage message, Action<DeliveryReport<byte[]?, byte[]?>> onReport)
    {
        if (_state.Reach.IsLostFor(_state.Settings.Timeout))
        {
            // Looked for by the table of events; until it is found nobody waits, and nothing piles up.
            throw NotReachable();
        }

        var record = RecordWriter.Write(message, _state.Settings.KeyMetadata);
        for (var attempt = 0; ; attempt++)
        {
            var producer = _producer;
            try
            {
                producer.Produce(topic.Topic, record, onReport);
                return;
            }
            catch (ObjectDisposedException) when (_isClosed)
            {
                throw BrokerErrors.TransportClosed();
            }
            catch (ObjectDisposedException) when (attempt < 3)
            {
                // Made anew in between.
            }
            catch (ProduceException<byte[]?, byte[]?> exception)
            {
                if (exception.Error.IsFatal && attempt < 3)
                {
                    Rebuild(producer, exception.Error);
                    continue;
                }

                throw KafkaErrors.Map(exception.Error, _state.Name);
            }
        }
    }

    private void Rebuild(IProducer<byte[]?, byte[]?> broken, Error error)
    {
        lock (_gate)
        {
            if (_isClosed || _producer != broken)
            {
                return;
            }

            _producer = Make();
        }

        _state.Metrics.Add(_state.Metrics.Rebuilds, 1);
        KafkaLog.ProducerRebuilt(_state.Logger, error.Reason);
        _ = EndAsync(broken);
    }

    // What is on its way is told to whoever waits for it; that takes its time, and no thread of theirs.
    private Task EndAsync(IProducer<byte[]?, byte[]?> producer) => Task.Run(() =>
    {
        try
        {
            producer.Flush(_state.Settings.Timeout);
        }
        catch (KafkaException)
        {
            // A broken one has nothing to flush.
        }

        producer.Dispose();
    });

    private void OnFailed(Error error)
    {
        if (KafkaErrors.IsOutage(error.Code))
        {
            _state.Reach.Failed(error.Reason);
        }
    }

    private sealed class PendingPublish(Publisher publisher, EventTopic topic)
    {
        private readonly TaskCompletionSource<PublishReceipt> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<PublishReceipt> Task => _done.Task;

        public void OnReport(DeliveryReport<byte[]?, byte[]?> report)
        {
            if (report.Error.IsError)
            {
                publisher.OnFailed(report.Error);
                if (report.Error.Code is ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition)
                {
                    topic.Check();
                }

                _done.TrySetException(KafkaErrors.Map(report.Error, publisher._state.Name));
                return;
            }

            publisher._state.Metrics.Add(publisher._state.Metrics.Published, 1);
            publisher._state.Reach.Worked();
            _done.TrySetResult(new PublishReceipt { Position = KafkaCursor.PositionOf(topic.Epoch, report.Partition, report.Offset) });
        }
    }
}
