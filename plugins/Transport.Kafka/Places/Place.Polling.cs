using System.Collections.Concurrent;
using System.Text;
using Confluent.Kafka;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Kafka.Clients;
using EventBroker.Transport.Kafka.Messages;
using EventBroker.Transport.Kafka.Topics;

namespace EventBroker.Transport.Kafka.Places;

// The consumer's thread.
internal sealed partial class Place
{
    private const int TakenTogether = 500;
    private static readonly TimeSpan LongestPoll = TimeSpan.FromSeconds(1);

    private readonly ConcurrentQueue<Action> _commands = new();
    private readonly List<ConsumeResult<byte[]?, byte[]?>> _read = [];
    private long _lastTick;
    private volatile bool _isSuspect;
    private long _lastWatch;

    // Which member of the group this host is, as of the last time that partitions were shared out.
    private string _member = "";

    // librdkafka's main thread is asked: twice for a commit, not for each message.
    private string MemberId => Kind == PlaceKind.WorkerGroup ? _consumer.MemberId ?? "" : "";

    // Whether this host was stopped for so long that its partitions may be another's. The thread finds out.
    private bool StandsStill => _isSuspect || _state.Time.GetElapsedTime(Volatile.Read(ref _lastTick)) > _state.Settings.SessionTimeout;

    private void Run(PlaceStart start, SubscribeOptions? options)
    {
        Volatile.Write(ref _lastTick, _state.Time.GetTimestamp());
        try
        {
            _lastWatch = _lastTick;
            _opened.SetResult(Open(start, options));
            while (!_isClosing)
            {
                Tick();
                Poll(PollTime);
                Watch();
                while (_commands.TryDequeue(out var command))
                {
                    command();
                }

                if (_failure is not null)
                {
                    throw _failure;
                }
            }
        }
#pragma warning disable CA1031 // Whatever it is: whoever opens the place or reads from it is told, and the thread ends in order.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Fail(exception);
        }
        finally
        {
            Close();
        }
    }

    private TimeSpan PollTime
    {
        get
        {
            var time = TimeSpan.FromTicks(Math.Min(LongestPoll.Ticks, _state.Settings.SessionTimeout.Ticks / 4));
            return Kind == PlaceKind.ConsumerId && _state.Settings.WatchInterval < time ? _state.Settings.WatchInterval : time;
        }
    }

    private void Fail(Exception exception)
    {
        var failure = exception as BrokerException ?? (exception is KafkaException kafka
            ? KafkaErrors.Map(kafka.Error, _state.Name)
            : new BrokerException(BrokerErrorCode.Unavailable, "reading from Kafka has failed", exception));
        if (!_opened.TrySetException(failure))
        {
            KafkaLog.PlaceFailed(_state.Logger, exception, Group, Event.EventName);
            End(() => new BrokerException(BrokerErrorCode.Unavailable, failure.Message));
        }
    }

    private void Tick()
    {
        GiveUpLateCommit();
        TakeAnew();
        var now = _state.Time.GetTimestamp();
        var pause = _state.Time.GetElapsedTime(_lastTick, now);
        if (pause > _state.Settings.SessionTimeout)
        {
            KafkaLog.StoodStill(_state.Logger, Math.Round(pause.TotalSeconds, 1));
            _isSuspect = true;
        }

        Volatile.Write(ref _lastTick, now);

        // Kafka takes no commit of a host that is not in the group any more.
        if (_isSuspect && Kind == PlaceKind.WorkerGroup && CommitNow(static _ => true))
        {
            _isSuspect = false;
        }

        Volatile.Write(ref _lastTick, _state.Time.GetTimestamp());
    }

    // Whoever the group has forgotten joins it as another member. librdkafka says that all is lost then, but keeps the partitions without a word where
    // it learns so only while it joins and the cluster gives ids to whoever comes (Kafka before 2.2, and the mock). Others may have had them meanwhile.
    private void TakeAnew()
    {
        var strange = _shares.Values.Where(s => s.Member != _member).Select(static s => s.Partition).ToList();
        if (strange.Count == 0)
        {
            return;
        }

        List<NotedOffset> committed;
        try
        {
            committed = _offsets!.Read(strange, _state.Settings.Timeout);
        }
        catch (KafkaException)
        {
            // Out of reach, or in the middle of a rebalance: tried again, and until then nothing of them is committed.
            return;
        }

        BeginAnew(committed);
    }

    private void Poll(TimeSpan wait)
    {
        _read.Clear();
        try
        {
            for (var result = _consumer.Consume(wait); result is not null; result = _consumer.Consume(TimeSpan.Zero))
            {
                _read.Add(result);
                if (_read.Count >= TakenTogether)
                {
                    break;
                }
            }
        }
        catch (ConsumeException exception) when (!exception.Error.IsFatal)
        {
            OnReadFailed(exception.Error);
        }

        Action? wake = null;
        if (_read.Count > 0)
        {
            _state.Reach.Worked();
            wake = Take();
        }

        wake?.Invoke();
        AdjustFlow();
    }

    private void OnReadFailed(Error error)
    {
        if (error.Code is ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition)
        {
            Event.Check();
        }
        else if (error.Code != ErrorCode.OffsetOutOfRange && !KafkaErrors.IsOutage(error.Code))
        {
            KafkaLog.ReadFailed(_state.Logger, Event.EventName, error.Reason);
        }
    }

    private Action? Take()
    {
        var records = new List<(HeldRecord? Record, ConsumeResult<byte[]?, byte[]?> Result)>(_read.Count);
        foreach (var result in _read)
        {
            // Only this thread adds and removes shares, and moves them on.
            if (result.IsPartitionEOF || !_shares.TryGetValue(result.Partition, out var share))
            {
                records.Add((null, result));
                continue;
            }

            var expected = share.Expected;
            if (result.Offset < expected && !IsTruncated(share, result))
            {
                continue;
            }

            var key = result.Message.Key is { } bytes ? Encoding.Latin1.GetString(bytes) : null;
            var record = new HeldRecord(
                share, result.Offset, RecordReader.Read(result, _state.Settings.KeyMetadata), key, share.CountOf(result.Offset));
            if (expected >= 0 && result.Offset > expected)
            {
                record.Missed = Gaps.Count(_consumer, result.TopicPartition, expected, result.Offset, share, _state);
            }

            share.Takes(result.Offset);
            records.Add((record, result));
        }

        lock (_gate)
        {
            foreach (var (record, result) in records)
            {
                if (record is not null)
                {
                    if (record.Share.Reads(result.Offset))
                    {
                        record.Share.Add(record);
                        _handOut.Add(record);
                    }
                }
                else if (result.IsPartitionEOF && _shares.TryGetValue(result.Partition, out var share))
                {
                    share.ReachesEnd(result.Offset);
                }
            }

            if (_shares.Values.Any(static s => s.IsDirty))
            {
                PlanCommit(isUrgent: false);
            }

            return _handOut.PlanWakeUps();
        }
    }

    // librdkafka begins with the oldest message again where it is not sure of its place, after an outage for instance. What is below what was
    // read is settled, or in the list of what is not. Only where the log itself ends below it are these other messages.
    private bool IsTruncated(Share share, ConsumeResult<byte[]?, byte[]?> result)
    {
        if (_state.Time.GetElapsedTime(share.RewoundAt) < Gaps.AskAgain && share.RewoundAt != 0)
        {
            return false;
        }

        share.RewoundAt = _state.Time.GetTimestamp();
        KafkaLog.Rewound(_state.Logger, Group, Event.EventName, share.Partition, result.Offset, share.Next);
        try
        {
            if (_consumer.QueryWatermarkOffsets(result.TopicPartition, _state.Settings.Timeout).High >= share.Next)
            {
                return false;
            }
        }
        catch (KafkaException)
        {
            // Not known: what was read counts.
            return false;
        }

        lock (_gate)
        {
            share.Truncate(result.Offset);
        }

        return true;
    }

    private void Close()
    {
        List<Share> shares;
        lock (_gate)
        {
            _isClosing = true;
            _commitTimer.Dispose();
        }

        try
        {
            if (_offsets is not null)
            {
                // Whoever only came to move the place has said all, and its holder may have gone on since.
                if (!Event.IsGone && !_isVisit && !IsTakenOver())
                {
                    CommitNow(static _ => true);
                }

                lock (_gate)
                {
                    shares = [.. _shares.Values];
                    shares.ForEach(Drop);
                    _shares.Clear();
                    _offsets.Dispose();
                    _offsets = null;
                    if (_commit is not null)
                    {
                        CommitFailed(ErrorCode.Local_Destroy);
                    }

                    _nextCommit.End();
                }

                // Dispose alone has been seen to hang with cooperative assignment.
                _consumer.Close();
            }
        }
#pragma warning disable CA1031 // The place is gone here whatever Kafka says; what is not said comes again by the session's timeout.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            KafkaLog.ReadFailed(_state.Logger, Event.EventName, exception.Message);
        }
        finally
        {
            _consumer?.Dispose();
            _closed.TrySetResult();
        }
    }
}
