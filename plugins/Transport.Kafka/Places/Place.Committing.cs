using Confluent.Kafka;
using EventBroker.Transport.Kafka.Clients;
using EventBroker.Transport.Kafka.Messages;
using EventBroker.Transport.Kafka.Topics;

namespace EventBroker.Transport.Kafka.Places;

// Offsets go to Kafka with their notes, one commit at a time: what is settled while one is under way shares the next.
internal sealed partial class Place
{
    // That something was handed over is noted without haste.
    private static readonly TimeSpan NoteInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(50);

    private CommitBatch _nextCommit = new();
    private CommitBatch? _commit;
    private readonly List<Share> _committing = [];
    private long _commitBegan;
    private string _commitMember = "";
    private long _commitNotBefore = long.MinValue;
    private bool _isCommitUrgent;

    // Under the lock.
    private void PlanCommit(bool isUrgent)
    {
        if (_isClosing || _offsets is null)
        {
            return;
        }

        _isCommitUrgent |= isUrgent;
        if (_commit is not null)
        {
            // Its end plans the next.
            return;
        }

        var due = _isCommitUrgent ? _commitNotBefore : Math.Max(_commitNotBefore, _commitTimer.After(NoteInterval));
        if (due <= _state.Time.GetTimestamp())
        {
            BeginCommit();
        }
        else
        {
            _commitTimer.Arm(due);
        }
    }

    private void OnCommitDue()
    {
        lock (_gate)
        {
            if (_commit is null && !_isClosing && _offsets is not null)
            {
                if (_commitNotBefore > _state.Time.GetTimestamp())
                {
                    _commitTimer.Arm(_commitNotBefore);
                }
                else
                {
                    BeginCommit();
                }
            }
        }
    }

    // Under the lock.
    private void BeginCommit()
    {
        var offsets = MakeOffsets(_committing, _commitMember = MemberId);
        var batch = _nextCommit;
        _isCommitUrgent = false;
        if (offsets.Count == 0)
        {
            // Only what concerns partitions that are gone.
            _nextCommit = new CommitBatch();
            batch.End();
            return;
        }

        _commitNotBefore = _commitTimer.After(_state.Settings.CommitInterval);
        _commit = batch;
        _nextCommit = new CommitBatch();
        _commitBegan = _state.Time.GetTimestamp();
        foreach (var record in batch.Records)
        {
            record.IsSent = record.Batch == batch && record.State == RecordState.Settling;
        }

        try
        {
            _offsets!.Begin(offsets);
        }
        catch (KafkaException exception)
        {
            CommitFailed(exception.Error.Code);
        }
    }

    // Under the lock.
    private List<NotedOffset> MakeOffsets(List<Share> shares, string member)
    {
        shares.Clear();
        var offsets = new List<NotedOffset>();
        foreach (var share in _shares.Values)
        {
            // What another member held is not said by this one: see TakeAnew.
            if (share.IsDirty && share.Mark >= 0 && share.Member == member)
            {
                share.IsDirty = false;
                shares.Add(share);
                offsets.Add(share.ToCommit(MakeNote(), out var unstored));
                _state.Metrics.Add(_state.Metrics.Unstored, unstored);
            }
        }

        return offsets;
    }

    private CommitNote MakeNote() => new()
    {
        Epoch = _epoch,
        Holder = _holder,
        MaxAge = _maxAge,
        LatestOnly = _latestOnly,
    };

    /// <summary>Commits what is noted of some partitions, and waits for it. On the consumer's thread.</summary>
    /// <returns>Whether Kafka has taken it, and all of it was held by the member of the group that this host is now.</returns>
    private bool CommitNow(Func<Share, bool> isMeant)
    {
        List<NotedOffset> offsets = [];
        List<(HeldRecord Record, CommitBatch Batch)> settling = [];
        List<Share> shares = [];
        var member = MemberId;
        var isStrange = false;
        lock (_gate)
        {
            foreach (var share in _shares.Values.Where(isMeant))
            {
                isStrange |= share.Member != member;
                if (share.Mark < 0 || share.Member != member)
                {
                    continue;
                }

                offsets.Add(share.ToCommit(MakeNote(), out var unstored));
                _state.Metrics.Add(_state.Metrics.Unstored, unstored);
                shares.Add(share);
                foreach (var record in share.Unsettled)
                {
                    if (record is { State: RecordState.Settling, Batch: { } batch })
                    {
                        settling.Add((record, batch));
                    }
                }
            }
        }

        if (offsets.Count == 0)
        {
            return !isStrange;
        }

        var error = Verify(_offsets!.Commit(offsets, _state.Settings.Timeout), member);
        lock (_gate)
        {
            foreach (var (record, batch) in settling)
            {
                if (record.Batch != batch || record.State != RecordState.Settling)
                {
                    continue;
                }

                if (error == ErrorCode.NoError)
                {
                    IsCommitted(record);
                }
                else
                {
                    record.IsInDoubt |= !KafkaErrors.IsRefusal(error);
                }
            }

            if (error == ErrorCode.NoError)
            {
                shares.ForEach(static s => s.WasNoted = true);
                _state.Metrics.Add(_state.Metrics.Commits, 1);
            }
        }

        return error == ErrorCode.NoError && !isStrange;
    }

    // librdkafka commits as whoever it is when it gets to that. If it has joined the group anew since it was asked, it may have said as another
    // member what it held as this one, and others may have had the partitions meanwhile: nobody knows whose word counts.
    private ErrorCode Verify(ErrorCode answer, string member) =>
        answer == ErrorCode.NoError && MemberId != member ? ErrorCode.Local_State : answer;

    // Under the lock.
    private static void IsCommitted(HeldRecord record)
    {
        record.WasCommitted = true;
        record.IsSent = false;
        if (record.State == RecordState.Settling)
        {
            record.Share.Remove(record);
        }
    }
}
