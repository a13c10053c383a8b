using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Timing;
using EventBroker.Transport.Redis.Events;
using EventBroker.Transport.Redis.Messages;

namespace EventBroker.Transport.Redis.Broadcast;

/// <summary>Reads an event for all broadcast subscriptions of this host that are at its end: one call however many they are. It reads while
/// one of them waits, when something has woken it and otherwise once a poll interval.</summary>
internal sealed class BroadcastReader : IDisposable
{
    // A call for as much as many subscriptions share.
    private const int MaxCount = 256;

    private readonly Lock _gate = new();
    private readonly EventEntry _entry;
    private readonly DueTimer _timer;
    private readonly HashSet<BroadcastSubscription> _attached = [];
    private List<BroadcastSubscription> _waiting = [];
    private TailWindow _window = new(default);
    private Position _position;
    private long _ordinal;
    private long _epoch;
    private bool _isReading;
    private bool _mayHaveMore;
    private bool _isClosed;

    public BroadcastReader(EventEntry entry)
    {
        _entry = entry;
        _timer = new DueTimer(entry.State.Time, OnTimer);
    }

    /// <summary>Gets how often the stream was found to be another one.</summary>
    public long Epoch => Volatile.Read(ref _epoch);

    /// <summary>Gets what an average message has, in bytes.</summary>
    public int AverageBytes { get; private set; } = 4 * 1024;

    /// <summary>Lets a subscription read along.</summary>
    /// <param name="subscription">The subscription.</param>
    /// <param name="position">The entry behind which it goes on.</param>
    /// <param name="ordinal">How many messages were added up to it.</param>
    /// <param name="epoch">The epoch that it has met.</param>
    /// <param name="isAtEnd">Whether nothing in the stream lies behind it: then there is nothing between it and the window, either.</param>
    /// <param name="window">What it reads.</param>
    /// <returns>The number of the first chunk to look at; -1 if the window begins later, or the stream is another one.</returns>
    public long TryAttach(
        BroadcastSubscription subscription, Position position, long ordinal, long epoch, bool isAtEnd, out TailWindow window)
    {
        lock (_gate)
        {
            if (_attached.Count == 0)
            {
                // Nobody has read along for a while: it begins where the first one is.
                _position = position;
                _ordinal = ordinal;
                _window = new TailWindow(position);
                _mayHaveMore = true;
            }

            window = _window;
            var at = epoch == _epoch ? _window.Find(position, isAtEnd) : -1;
            if (at >= 0)
            {
                _attached.Add(subscription);
            }

            return at;
        }
    }

    public void Detach(BroadcastSubscription subscription)
    {
        lock (_gate)
        {
            _attached.Remove(subscription);
            _waiting.Remove(subscription);
        }
    }

    /// <summary>Signals a subscription as soon as there is a chunk of a number.</summary>
    public void Wait(BroadcastSubscription subscription, TailWindow window, long number)
    {
        lock (_gate)
        {
            if (!_isClosed && window == _window && _window.End <= number && !subscription.HasEnded)
            {
                _waiting.Add(subscription);
                _timer.Arm(_timer.After(_entry.State.Settings.PollInterval));
                subscription = null!;
            }
        }

        subscription?.Signal();
        ReadAlong();
    }

    /// <summary>Says that there may be something new.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            _mayHaveMore = true;
        }

        ReadAlong();
    }

    /// <summary>Begins at the beginning of another stream. Those that read along notice by the epoch.</summary>
    public void BeginAnew()
    {
        List<BroadcastSubscription> waiting;
        lock (_gate)
        {
            Volatile.Write(ref _epoch, _epoch + 1);
            _attached.Clear();
            _window = new TailWindow(default);
            waiting = TakeWaiting();
        }

        SignalAll(waiting);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            _waiting.Clear();
            _timer.Dispose();
        }
    }

    private void ReadAlong()
    {
        lock (_gate)
        {
            if (_isReading || _isClosed || !_mayHaveMore || _waiting.Count == 0)
            {
                return;
            }

            _isReading = true;
        }

        _ = ReadAsync();
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                return;
            }

            _mayHaveMore = true;
            _timer.Arm(_timer.After(_entry.State.Settings.PollInterval));
        }

        ReadAlong();
    }

    private List<BroadcastSubscription> TakeWaiting()
    {
        var waiting = _waiting;
        _waiting = new List<BroadcastSubscription>(waiting.Count);
        return waiting;
    }

    private static void SignalAll(List<BroadcastSubscription> subscriptions)
    {
        foreach (var subscription in subscriptions)
        {
            subscription.Signal();
        }
    }

    private async Task ReadAsync()
    {
        // Whoever woke it publishes, or reads: neither waits for the first call.
        await Task.Yield();
        while (true)
        {
            Position position;
            long ordinal, epoch;
            TailWindow window;
            lock (_gate)
            {
                if (_isClosed || !_mayHaveMore || _waiting.Count == 0)
                {
                    _isReading = false;
                    return;
                }

                _mayHaveMore = false;
                (position, ordinal, epoch, window) = (_position, _ordinal, _epoch, _window);
            }

            try
            {
                var count = Batches.ChooseCount(MaxCount, AverageBytes);
                if (await StreamReading.ReadAsync(_entry, position, ordinal, count) is not { } batch)
                {
                    continue;
                }

                Add(batch, epoch, window, count);
            }
            catch (BrokerException)
            {
                // Said in the log as an outage; the next poll tries again.
            }
#pragma warning disable CA1031 // Nobody waits for this task: what goes wrong is logged, and tried again with the next poll.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                RedisLog.ReadFailed(_entry.State.Logger, exception, _entry.Name);
            }
        }
    }

    private void Add(ReadEntry[] batch, long epoch, TailWindow window, int count)
    {
        if (batch.Length == 0)
        {
            return;
        }

        List<BroadcastSubscription> waiting;
        lock (_gate)
        {
            if (window != _window || _isClosed)
            {
                // Everybody has gone meanwhile, or the stream is another one: what was read may leave a gap.
                return;
            }

            AverageBytes = Batches.Average(AverageBytes, batch);
            _window.Add(new Chunk(batch, epoch, _window.End));
            _position = batch[^1].Position;
            _ordinal = batch[^1].Ordinal < 0 ? -1 : batch[^1].Ordinal + 1;
            _mayHaveMore |= batch.Length == count;
            waiting = TakeWaiting();
        }

        SignalAll(waiting);
    }
}
