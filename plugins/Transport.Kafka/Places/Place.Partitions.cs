using System.Globalization;
using Confluent.Kafka;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Kafka.Messages;

namespace EventBroker.Transport.Kafka.Places;

// Partitions come and go. On the consumer's thread, while it polls.
internal sealed partial class Place
{
    private List<TopicPartitionOffset> OnAssigned(List<TopicPartition> partitions)
    {
        try
        {
            _isSuspect = false;
            _member = MemberId;
            _state.Metrics.Add(_state.Metrics.Rebalances, 1);
            FixStart();
            var committed = partitions.Count == 0
                ? []
                : _offsets!.Read(partitions.Select(static p => p.Partition.Value), _state.Settings.Timeout).ToDictionary(static c => c.Partition);
            var assigned = new List<TopicPartitionOffset>();
            lock (_gate)
            {
                foreach (var partition in partitions)
                {
                    // One that the group has no offset of is new: it is read from its beginning.
                    var offset = committed[partition.Partition];
                    assigned.Add(AddShare(offset.Partition, offset.Offset >= 0 ? offset.Offset : -1, CommitNote.Parse(offset.Offset, offset.Note)));
                }
            }

            _wasAssigned = true;
            if (partitions.Count > 0)
            {
                var numbers = Numbers(partitions);
                KafkaLog.Assigned(_state.Logger, Group, Event.EventName, numbers);
            }

            return assigned;
        }
        catch (KafkaException exception)
        {
            // The thread ends the place, and whoever subscribes comes again. Records that arrive until then belong to no share.
            _failure = exception;
            return partitions.ConvertAll(static p => new TopicPartitionOffset(p, Offset.End));
        }
    }

    private void OnRevoked(List<TopicPartitionOffset> partitions)
    {
        _state.Metrics.Add(_state.Metrics.Rebalances, 1);
        var numbers = partitions.Select(static p => p.Partition.Value).ToHashSet();
        if (!Event.IsGone)
        {
            CommitNow(s => numbers.Contains(s.Partition));
        }

        GiveUp(numbers);
    }

    private void OnLost(List<TopicPartitionOffset> partitions)
    {
        _isSuspect = false;
        _state.Metrics.Add(_state.Metrics.Rebalances, 1);
        GiveUp(partitions.Select(static p => p.Partition.Value).ToHashSet());
    }

    private void GiveUp(HashSet<int> numbers)
    {
        // Read in the same poll and not noted yet: should the partition come back, it is read again from what is committed, and these would
        // stand before it.
        _read.RemoveAll(r => numbers.Contains(r.Partition));
        var losers = new HashSet<PlaceMember>();
        var held = 0;
        Action? wake;
        lock (_gate)
        {
            foreach (var share in _shares.Values.Where(s => numbers.Contains(s.Partition)).ToList())
            {
                foreach (var record in share.Unsettled)
                {
                    if (record is { State: RecordState.Held or RecordState.Settling, Lease: { } lease })
                    {
                        losers.Add(lease.Member);
                        held++;
                    }
                }

                Drop(share);
                _shares.Remove(share.Partition);
            }

            wake = _handOut.PlanWakeUps();
            PlanCommit(isUrgent: true);
        }

        wake?.Invoke();
        foreach (var loser in losers)
        {
            loser.TellLost();
        }

        if (held > 0)
        {
            _state.Metrics.Add(_state.Metrics.Lost, held);
            KafkaLog.Lost(_state.Logger, Group, Event.EventName, string.Join(", ", numbers.Order().Select(static n => n.ToString(CultureInfo.InvariantCulture))), held);
        }
    }

    // Under the lock. Nothing of it is this host's any more.
    private void Drop(Share share)
    {
        share.IsOver = true;
        var givenOut = new List<HeldRecord>();
        foreach (var record in share.Unsettled)
        {
            var isParked = record is { State: RecordState.Unread, Node: null };
            HandOut.Remove(record);
            if (record.State != RecordState.Settling)
            {
                // Nobody waits to be told whether it was settled.
                record.IsSent = record.IsInDoubt = false;
            }

            record.State = RecordState.Over;
            if (record.Key is not null && !isParked)
            {
                givenOut.Add(record);
            }
        }

        givenOut.ForEach(_handOut.Passed);
    }

    // Two hosts may make a group at once: the first commit counts.
    private void FixStart()
    {
        if (_pendingStart is not { } start)
        {
            return;
        }

        var all = _offsets!.Read(Enumerable.Range(0, start.Length), _state.Settings.Timeout);
        if (all.TrueForAll(static c => c.Offset < 0))
        {
            var error = _offsets.Commit(
                start.Select((offset, partition) => new Clients.NotedOffset(partition, offset, MakeNote(offset))), _state.Settings.Timeout);
            if (error != ErrorCode.NoError)
            {
                throw new KafkaException(error);
            }
        }

        _pendingStart = null;
    }

    private string MakeNote(long offset)
    {
        var note = MakeNote();
        note.HandedBelow = offset;
        return note.Format(offset, out _);
    }

    private bool MayGoOn(Share share) =>
        share.Unread <= _state.Settings.ReadAhead / 2 && share.UnreadBytes <= MaxUnreadBytes / 2 && share.Span < _state.Settings.MaxUnsettledSpan;

    private static string Numbers(IEnumerable<TopicPartition> partitions) =>
        string.Join(", ", partitions.Select(static p => p.Partition.Value.ToString(CultureInfo.InvariantCulture)));
}
