using System.Globalization;
using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Conformance.Transports;

/// <summary>What has become of many numbered messages.</summary>
internal sealed class Ledger(int count)
{
    // How far the publisher may run ahead of the oldest that is not done, so that no bound of a backend takes what is still needed.
    private const int Room = 1_500;

    private readonly Lock _gate = new();
    private readonly bool[] _isDone = new bool[count];
    private readonly string[] _last = new string[count];
    private readonly TaskCompletionSource _allDone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _progress = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _oldest;

    public int Count => count;

    /// <summary>Gets a task that ends when every message is done, or fails with the first failure.</summary>
    public Task AllDone => _allDone.Task;

    /// <summary>Runs something beside others: whoever fails first says why, since the others would only wait.</summary>
    public Task RunAsync(Func<Task> part) => Task.Run(async () =>
    {
        try
        {
            await part().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever it is, it is what the test fails with.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _allDone.TrySetException(failure);
        }
    });

    /// <summary>Waits until messages up to a number may be published.</summary>
    public async Task WaitForRoomAsync(int upTo)
    {
        while (true)
        {
            Task progress;
            lock (_gate)
            {
                if (upTo - _oldest <= Room)
                {
                    return;
                }

                progress = _progress.Task;
            }

            await Task.WhenAny(progress, AllDone).ConfigureAwait(false);
            if (AllDone.IsCompleted)
            {
                await AllDone.ConfigureAwait(false);
                return;
            }
        }
    }

    /// <summary>Notes that a message was delivered.</summary>
    public void Delivered(string text)
    {
        if (!int.TryParse(text, CultureInfo.InvariantCulture, out var number) || number < 0 || number >= count)
        {
            throw new InvalidOperationException($"'{text}' was delivered and never published");
        }

        lock (_gate)
        {
            ThrowIfDone(number);
            _last[number] = "delivered";
        }
    }

    /// <summary>Tells what is known of the messages that are not done and were published.</summary>
    public string Open()
    {
        lock (_gate)
        {
            var open = Enumerable.Range(_oldest, Math.Min(Room, count - _oldest)).Where(n => !_isDone[n]).ToList();
            return $"{_oldest} are done; " + string.Join(", ", open.GroupBy(n => _last[n] ?? "never delivered").Select(static g => $"{g.Key}: {g.Count()} ({g.First()}...)"));
        }
    }

    /// <summary>Notes how the settlement of a delivered message was answered.</summary>
    public void Settled(string text, SettlementAction action, SettlementOutcome outcome)
    {
        if (outcome != SettlementOutcome.Done)
        {
            throw new InvalidOperationException($"{action} of {text} was answered {outcome}");
        }

        // What was given back may have been done by another one since.
        if (action == SettlementAction.Release)
        {
            lock (_gate)
            {
                _last[int.Parse(text, CultureInfo.InvariantCulture)] = "given back";
            }
        }

        if (action == SettlementAction.Complete)
        {
            var number = int.Parse(text, CultureInfo.InvariantCulture);
            lock (_gate)
            {
                ThrowIfDone(number);
                _isDone[number] = true;
                Advance();
            }
        }
    }

    private void ThrowIfDone(int number)
    {
        if (_isDone[number])
        {
            throw new InvalidOperationException($"{number} was delivered again after it was done");
        }
    }

    private void Advance()
    {
        var before = _oldest;
        while (_oldest < count && _isDone[_oldest])
        {
            _oldest++;
        }

        if (_oldest == count)
        {
            _allDone.TrySetResult();
        }

        if (_oldest > before)
        {
            _progress.SetResult();
            _progress = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
