using System.Collections.Concurrent;
using Confluent.Kafka;
using EventBroker.Transport.Kafka.Clients;
using EventBroker.Transport.Kafka.Messages;
using EventBroker.Transport.Kafka.Places;
using EventBroker.Transport.Kafka.Topics;

namespace EventBroker.Transport.Kafka.Broadcast;

/// <summary>Reads the partitions of an event from given offsets on, without a group, on a thread of its own.</summary>
#pragma warning disable CA1001 // The event is set once more by whoever stops the thread, whenever that is; it holds nothing of the system.
internal sealed class TopicReader
#pragma warning restore CA1001
{
    private const int TakenTogether = 500;
    private static readonly TimeSpan PollTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly EventTopic _topic;
    private readonly IReaderSink _sink;
    private readonly KafkaState _state;
    private readonly ConcurrentQueue<TopicPartitionOffset> _added = new();
    private readonly Dictionary<int, Progress> _progress = [];
    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _again = new();
    private OffsetStore? _waker;
    private volatile bool _isStopping;

    public TopicReader(EventTopic topic, ReadOnlySpan<long> from, IReaderSink sink, KafkaState state)
    {
        _topic = topic;
        _sink = sink;
        _state = state;
        for (var i = 0; i < from.Length; i++)
        {
            _added.Enqueue(new TopicPartitionOffset(topic.Topic, i, from[i]));
        }
    }

    public void Start() => new Thread(Run) { IsBackground = true, Name = "kafka " + _topic.EventName }.Start();

    /// <summary>Reads a partition from its beginning, too.</summary>
    public void Add(int partition)
    {
        _added.Enqueue(new TopicPartitionOffset(_topic.Topic, partition, Offset.Beginning));
        Wake();
    }

    /// <summary>There is room, or may be.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            _waker?.Wake();
        }
    }

    public void Stop()
    {
        _isStopping = true;
        _again.Set();
        Wake();
    }

    private void Run()
    {
        while (!_isStopping)
        {
            try
            {
                Read();
            }
#pragma warning disable CA1031 // Nobody waits for the thread: what goes wrong is logged, and it begins anew behind what was read.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                KafkaLog.ReadFailed(_state.Logger, _topic.EventName, exception.Message);
                foreach (var (partition, progress) in _progress)
                {
                    _added.Enqueue(new TopicPartitionOffset(_topic.Topic, partition, progress.Next >= 0 ? progress.Next : Offset.Beginning));
                }

                _progress.Clear();
                _again.Wait(Pause);
            }
        }
    }

    private void Read()
    {
        // The group's name is asked for, and never used.
        using var consumer = _state.Clients.Build(_state.Clients.MakeConsumer(_state.Settings.GroupPrefix + "r:" + _topic.EventName));
        using var waker = new OffsetStore(consumer, _topic.Topic);
        lock (_gate)
        {
            _waker = waker;
        }

        var records = new List<FeedRecord>();
        var isPaused = false;
        try
        {
            while (!_isStopping)
            {
                Assign(consumer);
                isPaused = AdjustFlow(consumer, isPaused);
                Poll(consumer, records);
                if (records.Count > 0)
                {
                    _sink.OnRead(records);
                    records.Clear();
                }
            }
        }
        finally
        {
            lock (_gate)
            {
                _waker = null;
            }
        }

        waker.Dispose();
        consumer.Close();
    }

    private void Assign(IConsumer<byte[]?, byte[]?> consumer)
    {
        List<TopicPartitionOffset> added = [];
        while (_added.TryDequeue(out var one))
        {
            _progress[one.Partition] = new Progress { Next = one.Offset.IsSpecial ? -1 : one.Offset };
            added.Add(one);
        }

        if (added.Count > 0)
        {
            consumer.IncrementalAssign(added);
        }
    }

    private bool AdjustFlow(IConsumer<byte[]?, byte[]?> consumer, bool isPaused)
    {
        var hasRoom = _sink.HasRoom;
        if (hasRoom && isPaused)
        {
            consumer.Resume(consumer.Assignment);
            return false;
        }

        if (!hasRoom && !isPaused)
        {
            consumer.Pause(consumer.Assignment);
            return true;
        }

        return isPaused;
    }

    private void Poll(IConsumer<byte[]?, byte[]?> consumer, List<FeedRecord> records)
    {
        try
        {
            var wait = PollTime;
            while (records.Count < TakenTogether && consumer.Consume(wait) is { } result)
            {
                wait = TimeSpan.Zero;
                if (!_progress.TryGetValue(result.Partition, out var progress))
                {
                    continue;
                }

                if (result.IsPartitionEOF)
                {
                    progress.Next = result.Offset;
                    if (records.Count > 0)
                    {
                        _sink.OnRead(records);
                        records.Clear();
                    }

                    _sink.OnEnd(result.Partition, result.Offset);
                    continue;
                }

                var missed = progress.Next >= 0 && result.Offset > progress.Next
                    ? Gaps.Count(consumer, result.TopicPartition, progress.Next, result.Offset, progress, _state)
                    : 0;
                records.Add(new FeedRecord(
                    result.Partition,
                    result.Offset,
                    RecordReader.Read(result, _state.Settings.KeyMetadata),
                    missed > 0 ? progress.Next + missed : 0));
                progress.Next = result.Offset + 1;
            }

            if (records.Count > 0)
            {
                _state.Reach.Worked();
            }
        }
        catch (ConsumeException exception) when (!exception.Error.IsFatal)
        {
            if (exception.Error.Code is ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition)
            {
                _topic.Check();
            }
            else if (exception.Error.Code != ErrorCode.OffsetOutOfRange && !KafkaErrors.IsOutage(exception.Error.Code))
            {
                KafkaLog.ReadFailed(_state.Logger, _topic.EventName, exception.Error.Reason);
            }
        }
    }

    private sealed class Progress : IGapMemory
    {
        public long Next { get; set; }

        public long Oldest { get; set; }

        public long AskedAt { get; set; }
    }
}
