using System.Security.Cryptography;
using Confluent.Kafka;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Kafka.Clients;
using EventBroker.Transport.Kafka.Messages;
using EventBroker.Transport.Kafka.Topics;

namespace EventBroker.Transport.Kafka.Places;

// How a place comes to be open here. On the consumer's thread.
internal sealed partial class Place
{
    private IConsumer<byte[]?, byte[]?> _consumer = null!;
    private OffsetStore? _offsets;
    private Thread? _thread;
    private long _epoch;
    private ulong _holder;
    private long[]? _pendingStart;
    private bool _wasAssigned;
    private bool _isVisit;
    private Exception? _failure;

    /// <summary>Opens the place.</summary>
    /// <param name="start">Where it begins if it is new.</param>
    /// <param name="options">What its first member asks for; null for a visit that moves the place and takes no messages.</param>
    /// <returns>What is to be said of it.</returns>
    /// <exception cref="BrokerException">It can't be opened, and nothing is left of it here.</exception>
    public Task<PlaceOpening> OpenAsync(PlaceStart start, SubscribeOptions? options)
    {
        _thread = new Thread(() => Run(start, options)) { IsBackground = true, Name = "kafka " + Name };
        _thread.Start();
        return _opened.Task;
    }

    private PlaceOpening Open(PlaceStart start, SubscribeOptions? options)
    {
        var builder = _state.Clients.MakeConsumer(Group);
        if (Kind == PlaceKind.WorkerGroup)
        {
            builder
                .SetPartitionsAssignedHandler((_, partitions) => OnAssigned(partitions))
                .SetPartitionsRevokedHandler((_, partitions) => OnRevoked(partitions))
                .SetPartitionsLostHandler((_, partitions) => OnLost(partitions));
        }

        _isVisit = options is null;
        _consumer = _state.Clients.Build(builder);
        var offsets = new OffsetStore(_consumer, Event.Topic, OnCommitted);
        lock (_gate)
        {
            _offsets = offsets;
        }

        var committed = offsets.Read(Enumerable.Range(0, start.Earliest.Length), _state.Settings.Timeout);
        var existing = committed.Find(static c => c.Offset >= 0);
        var isNew = committed.TrueForAll(static c => c.Offset < 0);
        var isLost = isNew ? start.IsLost : committed.Exists(c => c.Offset >= 0 && c.Offset < start.Earliest[c.Partition]);
        TakeOptions(options, isNew ? null : CommitNote.Parse(existing.Offset, existing.Note));
        if (Kind == PlaceKind.WorkerGroup)
        {
            OpenInGroup(isNew || options is null ? start.Start : null, options is null ? start.Start.Length : 0);
        }
        else
        {
            OpenAlone(committed, start, isVisit: options is null);
        }

        return PlaceOpening.From(Kind, options ?? new SubscribeOptions(), isNew, isLost);
    }

    private void TakeOptions(SubscribeOptions? options, CommitNote? note)
    {
        if (options is not null && note is not null)
        {
            GroupOptions.Check(_state, this, options, note.MaxAge, note.LatestOnly);
        }

        if (Kind == PlaceKind.WorkerGroup)
        {
            (_maxAge, _latestOnly) = note?.MaxAge is { } age ? (age, note.LatestOnly)
                : options is null ? (null, false)
                : ((long?)(options.MaxAge?.Ticks ?? 0), options.LatestOnly);
        }
    }

    // Where a new group begins is committed before anybody is told that it is there; only a member may commit, so that two hosts
    // that make it at once can't both do it.
    private void OpenInGroup(long[]? start, int needed)
    {
        _pendingStart = start;
        _consumer.Subscribe(Event.Topic);
        if (start is null)
        {
            return;
        }

        var begin = _state.Time.GetTimestamp();
        while (!_wasAssigned || _shares.Count < needed)
        {
            if (_failure is not null)
            {
                throw _failure;
            }

            if (_isClosing || _state.Time.GetElapsedTime(begin) > _state.Settings.Timeout)
            {
                throw new BrokerException(
                    _wasAssigned ? BrokerErrorCode.FailedPrecondition : BrokerErrorCode.Unavailable,
                    _wasAssigned
                        ? $"worker group '{Name}' has members at another broker, which reads its partitions; move it there, or when they are gone"
                        : $"Kafka has not let this broker into consumer group '{Group}'");
            }

            Poll(TimeSpan.FromMilliseconds(50));
        }
    }

    // A consumer id belongs to whoever came last. Its note says so, and whoever held it before looks there.
    private void OpenAlone(List<NotedOffset> committed, PlaceStart start, bool isVisit)
    {
        List<TopicPartitionOffset> assigned = [];
        lock (_gate)
        {
            foreach (var offset in committed)
            {
                var note = CommitNote.Parse(offset.Offset, offset.Note);
                _epoch = Math.Max(_epoch, note.Epoch);
                _holder = note.Holder;
                var isKnown = offset.Offset >= 0;
                var isNewPlace = committed.TrueForAll(static c => c.Offset < 0);
                assigned.Add(AddShare(offset.Partition, isKnown ? offset.Offset : isNewPlace ? start.Start[offset.Partition] : -1, note));
            }
        }

        if (isVisit)
        {
            return;
        }

        _epoch++;
        _holder = (ulong)RandomNumberGenerator.GetInt32(1, int.MaxValue) << 16 | (uint)Environment.ProcessId & 0xFFFF;
        if (!CommitNow(static _ => true))
        {
            throw new BrokerException(BrokerErrorCode.Unavailable, $"Kafka has not taken the offsets of consumer group '{Group}'");
        }

        _lastTouch = _state.Time.GetTimestamp();
        _consumer.Assign(assigned);
    }

    // Under the lock.
    private TopicPartitionOffset AddShare(int partition, long offset, CommitNote note)
    {
        if (_shares.TryGetValue(partition, out var before))
        {
            // Nobody has said that it went, and it is here anew: what was read of it counts no more.
            _read.RemoveAll(r => r.Partition == partition);
            Drop(before);
        }

        _shares[partition] = new Share(partition, offset, note, _member);
        return new TopicPartitionOffset(Event.Topic, partition, offset >= 0 ? offset : Offset.Beginning);
    }
}
