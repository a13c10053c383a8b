using EventBroker.Sdk.Errors;
using EventBroker.Transport.Local;
using EventBroker.Transport.Log.Storage;
using EventBroker.Transport.Log.Writing;
using EventBroker.Transport.Log.Writing.Operations;
using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Log;

/// <summary>Does what no caller brings about: what has come of age, what nobody comes back to, and the disk's room.</summary>
internal sealed partial class Housekeeping : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    // While the disk is full somebody waits for room.
    private static readonly TimeSpan PeriodWhenFull = TimeSpan.FromSeconds(1);
    private const long LongestHandedOver = 16 * 1024 * 1024;

    private readonly LocalState _state;
    private readonly LogEvents _events;
    private readonly LogFiles _files;
    private readonly Reserve _reserve;
    private readonly ITimer _timer;
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _lock = new();
    private Task _round = Task.CompletedTask;
    private bool _wasFull;

    public Housekeeping(LocalState state, LogEvents events, LogFiles files, Reserve reserve)
    {
        _state = state;
        _events = events;
        _files = files;
        _reserve = reserve;
        _timer = state.Clock.CreateTimer(static housekeeping => ((Housekeeping)housekeeping!).Begin(), this, Period, Timeout.InfiniteTimeSpan);
    }

    public async ValueTask DisposeAsync()
    {
        Task round;
        lock (_lock)
        {
            _ending.Cancel();
            round = _round;
        }

        await _timer.DisposeAsync();
        await round;
        _ending.Dispose();
    }

    /// <summary>Does everything now.</summary>
    public Task RunNowAsync()
    {
        Begin();
        lock (_lock)
        {
            return _round;
        }
    }

    private void Begin()
    {
        lock (_lock)
        {
            if (!_ending.IsCancellationRequested && _round.IsCompleted)
            {
                _round = RunAsync();
            }
        }
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        try
        {
            foreach (var entry in _events.All)
            {
                entry.CleanUp();
                entry.Log.DropCold();
            }

            var hasMore = true;
            while (hasMore && !_ending.IsCancellationRequested)
            {
                var operation = new MaintenanceOperation(_events.Records, _reserve.IsUsed);
                _files.Writer.Enqueue(operation);
                hasMore = await operation.Task;
            }

            RotateHandedOver();
        }
        catch (BrokerException failure)
        {
            // A full disk, or one that fails: whoever writes is told. The next round tries again.
            LogFailed(_state.Logger, failure.InnerException ?? failure);
        }

        KeepReserve();
        lock (_lock)
        {
            if (!_ending.IsCancellationRequested)
            {
                _timer.Change(_reserve.IsUsed ? PeriodWhenFull : Period, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void RotateHandedOver()
    {
        if (_files.HandedOver.Length < LongestHandedOver)
        {
            return;
        }

        _files.HandedOver.Rotate();
        foreach (var entry in _events.All)
        {
            entry.NoteHeld();
        }

        _files.HandedOver.DropBefore();
    }

    private void KeepReserve()
    {
        _reserve.TryKeep();
        if (_reserve.IsUsed != _wasFull)
        {
            _wasFull = _reserve.IsUsed;
            if (_wasFull)
            {
                LogFull(_state.Logger, _state.Name);
            }
            else
            {
                LogRoom(_state.Logger, _state.Name);
            }
        }
    }

    [LoggerMessage(4500, LogLevel.Error, "The disk of transport '{Transport}' is full: publishes are refused until there is room, everything else goes on.")]
    private static partial void LogFull(ILogger logger, string transport);

    [LoggerMessage(4501, LogLevel.Information, "The disk of transport '{Transport}' has room again; publishes are accepted.")]
    private static partial void LogRoom(ILogger logger, string transport);

    [LoggerMessage(4502, LogLevel.Warning, "Housekeeping of the log failed; it is tried again.")]
    private static partial void LogFailed(ILogger logger, Exception failure);
}
