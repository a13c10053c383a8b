using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Redis.Events;

namespace EventBroker.Transport.Redis.Publishing;

/// <summary>Publishes the messages of an event. What concurrent callers bring goes together: while calls are under way it collects, and the
/// next call takes all of it, so that nothing is waited for and nothing sent one by one under load.</summary>
internal sealed partial class EventPublisher(EventEntry entry)
{
    /// <summary>The most messages of one call.</summary>
    public const int MaxMessages = 128;

    /// <summary>The most bytes of one call, as long as there is more than one message.</summary>
    public const int MaxBytes = 512 * 1024;

    // Two, so that the server has the next one when it is done with one.
    private const int MaxCalls = 2;

    private readonly Lock _gate = new();
    private Queue<PendingPublish> _queue = new();
    private int _calls;
    private long _unmeasured;

    private RedisState State => entry.State;

    /// <summary>Publishes a message.</summary>
    public Task<PublishReceipt> PublishAsync(in TransportMessage message)
    {
        var pending = new PendingPublish(message);
        lock (_gate)
        {
            _queue.Enqueue(pending);
            if (_calls == MaxCalls)
            {
                return pending.Task;
            }

            _calls++;
        }

        _ = SendQueuedAsync();
        return pending.Task;
    }

    /// <summary>Publishes messages in their order.</summary>
    public async Task PublishAsync(PublishBatch batch, IReadOnlyList<int> indexes)
    {
        // One call after the other: pipelined, one that the server does not know the script for would fall behind the next.
        for (var at = 0; at < indexes.Count;)
        {
            var chunk = new List<PendingPublish>();
            for (var bytes = 0; at + chunk.Count < indexes.Count && chunk.Count < MaxMessages && (bytes < MaxBytes || chunk.Count == 0);)
            {
                var pending = new PendingPublish(batch[indexes[at + chunk.Count]]);
                bytes += pending.Length;
                chunk.Add(pending);
            }

            await SendAsync(chunk);
            foreach (var pending in chunk)
            {
                await NoteAsync(batch, indexes[at++], pending);
            }
        }
    }

    private static async Task NoteAsync(PublishBatch batch, int index, PendingPublish pending)
    {
        try
        {
            batch.Accept(index, await pending.Task);
        }
        catch (BrokerException failure) when (failure.Code != BrokerErrorCode.NotFound)
        {
            batch.Fail(index, failure);
        }
    }

    private async Task SendQueuedAsync()
    {
        // Those who have just got their answers, or are about to publish for another reason, get in first: a message that goes alone costs
        // the server nearly as much as many that go together.
        await Task.Yield();
        while (Take() is { } chunk)
        {
            await SendAsync(chunk);
            await Task.Yield();
        }
    }

    private List<PendingPublish>? Take()
    {
        lock (_gate)
        {
            if (_queue.Count == 0)
            {
                _calls--;
                if (_queue.EnsureCapacity(0) > 16 * MaxMessages)
                {
                    _queue = new Queue<PendingPublish>();
                }

                return null;
            }

            var chunk = new List<PendingPublish>(Math.Min(_queue.Count, MaxMessages));
            var bytes = 0;
            while (chunk.Count < MaxMessages && _queue.TryPeek(out var next) && (chunk.Count == 0 || bytes + next.Length <= MaxBytes))
            {
                bytes += next.Length;
                chunk.Add(_queue.Dequeue());
            }

            return chunk;
        }
    }
}
