using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;

namespace EventBroker.Transport.Kafka.Clients;

/// <summary>A consumer's offsets in the cluster, with their metadata. Safe for concurrent use until it is disposed.</summary>
internal sealed unsafe class OffsetStore : IDisposable
{
    private static readonly PropertyInfo HandleProperty =
        typeof(Handle).GetProperty("LibrdkafkaHandle", BindingFlags.Instance | BindingFlags.NonPublic)
        ?? throw new MissingMemberException(nameof(Handle), "LibrdkafkaHandle");

    // Whose answer is still wanted, by the number that librdkafka carries along. One that never answers leaves nothing behind.
    private static readonly ConcurrentDictionary<nint, OffsetStore> Waiting = new();
    private static long _lastNumber;

    private readonly SafeHandle _handle;
    private readonly string _topic;
    private readonly nint _consumerQueue;
    private readonly bool _isHeld;
    private readonly Action<ErrorCode>? _onCommitted;
    private nint _number;
    private bool _isDisposed;

    /// <summary>Makes a store.</summary>
    /// <param name="consumer">Whose offsets it is about.</param>
    /// <param name="topic">Of them.</param>
    /// <param name="onCommitted">Takes what the cluster has answered to what was begun last, while the consumer polls. Must not throw.
    /// Null where nothing is begun.</param>
    public OffsetStore(IClient consumer, string topic, Action<ErrorCode>? onCommitted = null)
    {
        _onCommitted = onCommitted;
        _handle = (SafeHandle)HandleProperty.GetValue(consumer.Handle)!;
        _handle.DangerousAddRef(ref _isHeld);
        _topic = topic;
        _consumerQueue = Native.QueueGetConsumer(Client);
    }

    private nint Client => _handle.DangerousGetHandle();

    /// <summary>Ends a poll that is under way.</summary>
    public void Wake()
    {
        lock (this)
        {
            if (!_isDisposed)
            {
                Native.QueueYield(_consumerQueue);
            }
        }
    }

    /// <summary>Reads what is committed.</summary>
    /// <exception cref="KafkaException">It can't be read within the time.</exception>
    public List<NotedOffset> Read(IEnumerable<int> partitions, TimeSpan timeout)
    {
        var list = MakeList(partitions.Select(static p => new NotedOffset(p, Offset.Unset, "")));
        try
        {
            Check(Native.Committed(Client, list, (int)timeout.TotalMilliseconds));
            var read = new List<NotedOffset>();
            var raw = (Native.TopicPartitionList*)list;
            for (var i = 0; i < raw->Count; i++)
            {
                ref var item = ref raw->Items[i];
                Check(item.Error);
                var note = item.Metadata == 0 ? "" : Encoding.UTF8.GetString((byte*)item.Metadata, (int)item.MetadataSize);
                read.Add(new NotedOffset(item.Partition, item.Offset, note));
            }

            return read;
        }
        finally
        {
            Native.ListDestroy(list);
        }
    }

    /// <summary>Begins to commit. The answer comes while the consumer polls; one to what was begun before does not come any more, since it would
    /// be about other offsets or another note.</summary>
    public void Begin(IEnumerable<NotedOffset> offsets)
    {
        var list = MakeList(offsets);
        try
        {
            Forget();
            _number = (nint)Interlocked.Increment(ref _lastNumber);
            Waiting[_number] = this;
            Check(Native.CommitQueue(
                Client, list, _consumerQueue, (nint)(delegate* unmanaged[Cdecl]<nint, int, Native.TopicPartitionList*, nint, void>)&OnAnswer, _number));
        }
        catch (KafkaException)
        {
            Forget();
            throw;
        }
        finally
        {
            Native.ListDestroy(list);
        }
    }

    /// <summary>Waits no more for the answer to what was begun.</summary>
    public void Forget() => Waiting.TryRemove(_number, out _);

    /// <summary>Commits and waits for the answer.</summary>
    /// <returns>What the cluster has answered; <see cref="ErrorCode.Local_TimedOut"/> if it has not.</returns>
    public ErrorCode Commit(IEnumerable<NotedOffset> offsets, TimeSpan timeout)
    {
        var list = MakeList(offsets);
        var queue = Native.QueueNew(Client);
        try
        {
            var error = Native.CommitQueue(Client, list, queue, Native.NoCallback, 0);
            if (error != 0)
            {
                return (ErrorCode)error;
            }

            var answer = Native.QueuePoll(queue, (int)timeout.TotalMilliseconds);
            if (answer == 0)
            {
                return ErrorCode.Local_TimedOut;
            }

            error = FindError(Native.EventError(answer), Native.EventPartitions(answer));
            Native.EventDestroy(answer);
            return (ErrorCode)error;
        }
        finally
        {
            Native.QueueDestroy(queue);
            Native.ListDestroy(list);
        }
    }

    public void Dispose()
    {
        lock (this)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            Forget();
            Native.QueueDestroy(_consumerQueue);
        }

        if (_isHeld)
        {
            _handle.DangerousRelease();
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnAnswer(nint client, int error, Native.TopicPartitionList* partitions, nint number)
    {
        if (Waiting.TryRemove(number, out var store))
        {
            store._onCommitted?.Invoke((ErrorCode)FindError(error, partitions));
        }
    }

    // The answer as a whole fails only where each partition does.
    private static int FindError(int error, Native.TopicPartitionList* partitions)
    {
        for (var i = 0; error == 0 && partitions is not null && i < partitions->Count; i++)
        {
            error = partitions->Items[i].Error;
        }

        return error;
    }

    private static void Check(int error)
    {
        if (error != 0)
        {
            throw new KafkaException((ErrorCode)error);
        }
    }

    private nint MakeList(IEnumerable<NotedOffset> offsets)
    {
        var list = Native.ListNew(4);
        foreach (var offset in offsets)
        {
            var item = Native.ListAdd(list, _topic, offset.Partition);
            item->Offset = offset.Offset;
            if (offset.Note.Length > 0)
            {
                // Freed with the list, by the library's own allocator.
                var size = Encoding.UTF8.GetByteCount(offset.Note);
                item->Metadata = Native.Allocate(Client, (nuint)size + 1);
                item->MetadataSize = (nuint)size;
                var room = new Span<byte>((byte*)item->Metadata, size + 1);
                Encoding.UTF8.GetBytes(offset.Note, room);
                room[size] = 0;
            }
        }

        return list;
    }
}
