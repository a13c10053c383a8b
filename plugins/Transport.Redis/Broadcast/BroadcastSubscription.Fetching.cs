using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Transport.Redis.Messages;

namespace EventBroker.Transport.Redis.Broadcast;

// Reading by itself: from the beginning, from a time, behind a cursor, or behind a window that has moved on.
internal sealed partial class BroadcastSubscription
{
    private const int MaxFetch = 1_000;

    private void Fetch()
    {
        lock (_gate)
        {
            if (_isFetching)
            {
                return;
            }

            _isFetching = true;
        }

        _ = FetchAsync();
    }

    private async Task FetchAsync()
    {
        await Task.Yield();
        var failed = true;
        while (failed && !HasEnded)
        {
            Position position;
            long ordinal, epoch;
            lock (_gate)
            {
                (position, ordinal, epoch) = (_position, _ordinal, _epoch);
            }

            try
            {
                var count = Batches.ChooseCount(Math.Min(_bufferSize, MaxFetch), Owner.Reader.AverageBytes);
                var batch = await StreamReading.ReadAsync(Owner, position, ordinal, count);
                lock (_gate)
                {
                    if (batch is { Length: > 0 } && epoch == _epoch)
                    {
                        _chunk = new Chunk(batch, epoch, -1);
                        _at = 0;
                    }

                    _mustFetch = false;
                    _isAtEnd = batch is { Length: 0 } && epoch == _epoch;
                }

                failed = false;
            }
            catch (BrokerException)
            {
                // Said in the log as an outage.
                await Task.Delay(Owner.State.Settings.PollInterval, Owner.State.Time);
            }
#pragma warning disable CA1031 // Nobody waits for this task: what goes wrong is logged, and tried again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                RedisLog.ReadFailed(Owner.State.Logger, exception, Owner.Name);
                await Task.Delay(Owner.State.Settings.PollInterval, Owner.State.Time);
            }
        }

        lock (_gate)
        {
            _isFetching = false;
        }

        // Also if there was nothing: at the end of the event it reads along from now on.
        Signal();
    }
}
