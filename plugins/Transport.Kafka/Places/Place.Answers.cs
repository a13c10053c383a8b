using Confluent.Kafka;
using EventBroker.Transport.Kafka.Topics;

namespace EventBroker.Transport.Kafka.Places;

// What becomes of a commit that was begun: answered, refused, or left without an answer.
#pragma warning disable CA1001 // Its end disposes of the timer.
internal sealed partial class Place
#pragma warning restore CA1001
{
    // On the consumer's thread, from within librdkafka, where nothing may be thrown.
    private void OnCommitted(ErrorCode error)
    {
        try
        {
            Conclude(error);
        }
#pragma warning disable CA1031 // The thread throws it when it has left librdkafka.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _failure = exception;
        }
    }

    private void Conclude(ErrorCode error)
    {
        lock (_gate)
        {
            if (_commit is not { } batch)
            {
                return;
            }

            error = Verify(error, _commitMember);
            if (error != ErrorCode.NoError)
            {
                CommitFailed(error);
                return;
            }

            _commit = null;
            _state.Metrics.Add(_state.Metrics.Commits, 1);
            _state.Reach.Worked();
            Settle(batch);
            if (_nextCommit.Records.Count > 0 || _isCommitUrgent)
            {
                PlanCommit(isUrgent: true);
            }
            else if (_shares.Values.Any(static s => s.IsDirty))
            {
                PlanCommit(isUrgent: false);
            }
        }
    }

    // On the consumer's thread. In the middle of a rebalance librdkafka may leave a commit without an answer.
    private void GiveUpLateCommit()
    {
        lock (_gate)
        {
            if (_commit is not null && _state.Time.GetElapsedTime(_commitBegan) > _state.Settings.Timeout)
            {
                _offsets?.Forget();
                CommitFailed(ErrorCode.Local_TimedOut);
            }
        }
    }

    // Under the lock. What was committed is settled, also where its partition has gone since.
    private void Settle(CommitBatch batch)
    {
        foreach (var record in batch.Records)
        {
            if (record.Batch == batch && record.IsSent)
            {
                IsCommitted(record);
            }
        }

        batch.End();
        WakeIfPaused();
    }

    // Under the lock. A rebalance that is under way, a coordinator that has moved, an outage: the same again, until the partitions are gone or
    // whoever waits does not wait any more.
    private void CommitFailed(ErrorCode error)
    {
        var failed = _commit!;
        _commit = null;
        foreach (var record in failed.Records)
        {
            if (record.Batch == failed && record.IsSent)
            {
                record.IsSent = false;
                record.IsInDoubt |= !KafkaErrors.IsRefusal(error);
            }
        }

        _nextCommit.TakeOver(failed);
        foreach (var share in _committing)
        {
            share.IsDirty = true;
        }

        _commitNotBefore = _commitTimer.After(RetryPause);
        _isCommitUrgent = true;
        if (!_isClosing)
        {
            _commitTimer.Arm(_commitNotBefore);
        }
    }
}
