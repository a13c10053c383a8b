using Confluent.Kafka;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Kafka.Clients;
using EventBroker.Transport.Kafka.Messages;
using EventBroker.Transport.Kafka.Topics;

namespace EventBroker.Transport.Kafka.Places;

// The place is moved, here or by another host, or its consumer id is taken over. On the consumer's thread.
internal sealed partial class Place
{
    // Kafka forgets the offsets of a group without members after offsets.retention.minutes since they were committed.
    private static readonly TimeSpan CommitAgain = TimeSpan.FromHours(1);

    private bool _isTakenOver;
    private long _lastTouch;

    /// <summary>Moves the place.</summary>
    /// <param name="offsets">Where to, in each partition.</param>
    /// <exception cref="BrokerException">It can't be moved from here.</exception>
    public Task MoveAsync(long[] offsets)
    {
        var moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _commands.Enqueue(() =>
        {
            try
            {
                Move(offsets);
                moved.SetResult();
            }
            catch (Exception exception) when (exception is BrokerException or KafkaException)
            {
                moved.SetException(exception is KafkaException kafka ? KafkaErrors.Map(kafka.Error, _state.Name) : exception);
            }
        });
        lock (_gate)
        {
            _offsets?.Wake();
        }

        return moved.Task;
    }

    /// <summary>Leaves a place that was opened for a visit.</summary>
    public Task CloseAsync()
    {
        lock (_gate)
        {
            BeginClosing();
        }

        return _closed.Task;
    }

    private void Move(long[] offsets)
    {
        var member = MemberId;
        if (_shares.Count < offsets.Length)
        {
            throw new BrokerException(
                BrokerErrorCode.FailedPrecondition,
                $"worker group '{Name}' has members at another broker, which reads some of its partitions; move it when they are gone");
        }

        _epoch++;
        var notes = offsets.Select((offset, partition) => new NotedOffset(partition, offset, MakeNote(offset)));
        if (Verify(_offsets!.Commit(notes, _state.Settings.Timeout), member) is not ErrorCode.NoError and var error)
        {
            throw new KafkaException(error);
        }

        BeginAnew([.. offsets.Select((offset, partition) => new NotedOffset(partition, offset, MakeNote(offset)))]);
    }

    // What was held is nobody's any more.
    private void BeginAnew(List<NotedOffset> offsets)
    {
        GiveUp([.. offsets.Select(static o => o.Partition)]);
        List<TopicPartitionOffset> from = [];
        lock (_gate)
        {
            foreach (var offset in offsets)
            {
                from.Add(AddShare(offset.Partition, offset.Offset, CommitNote.Parse(offset.Offset, offset.Note)));
            }
        }

        if (Kind == PlaceKind.ConsumerId)
        {
            _consumer.Assign(from);
            return;
        }

        foreach (var offset in from)
        {
            _consumer.Resume([offset.TopicPartition]);
            _consumer.Seek(offset);
        }
    }

    private void Watch()
    {
        if (Kind != PlaceKind.ConsumerId || (_state.Time.GetElapsedTime(_lastWatch) < _state.Settings.WatchInterval && !_isSuspect))
        {
            return;
        }

        _lastWatch = _state.Time.GetTimestamp();
        try
        {
            var committed = _offsets!.Read(_shares.Keys, _state.Settings.Timeout);
            _isSuspect = false;
            var newest = committed.MaxBy(static c => CommitNote.Parse(c.Offset, c.Note).Epoch);
            var note = CommitNote.Parse(newest.Offset, newest.Note);
            if (note.Epoch > _epoch)
            {
                if (note.Holder != _holder)
                {
                    _isTakenOver = true;
                    End(static () => BrokerErrors.SubscriptionEnded("another subscription has taken its consumer id over"));
                    return;
                }

                _epoch = note.Epoch;
                BeginAnew(committed);
            }
            else if (note.Epoch < _epoch || _state.Time.GetElapsedTime(_lastTouch) > CommitAgain)
            {
                // Whoever held it before did not know yet, and wrote over it; or it would be forgotten one day.
                _lastTouch = _state.Time.GetTimestamp();
                lock (_gate)
                {
                    foreach (var share in _shares.Values)
                    {
                        share.IsDirty = true;
                    }

                    PlanCommit(isUrgent: true);
                }
            }
        }
        catch (KafkaException)
        {
            // Out of reach: looked at again.
        }

        AddPartitions();
    }

    // Whether somebody holds the consumer id by now, over whose note nothing is to be written.
    private bool IsTakenOver()
    {
        if (Kind != PlaceKind.ConsumerId || _isTakenOver || _shares.Count == 0)
        {
            return _isTakenOver;
        }

        return _offsets!.Read(_shares.Keys, _state.Settings.Timeout)
            .Exists(c => CommitNote.Parse(c.Offset, c.Note) is var note && note.Epoch > _epoch && note.Holder != _holder);
    }

    private void AddPartitions()
    {
        List<TopicPartitionOffset> added = [];
        lock (_gate)
        {
            for (var partition = 0; partition < Event.PartitionCount; partition++)
            {
                if (!_shares.ContainsKey(partition))
                {
                    added.Add(AddShare(partition, -1, new CommitNote()));
                }
            }
        }

        if (added.Count > 0)
        {
            _consumer.IncrementalAssign(added);
        }
    }
}
