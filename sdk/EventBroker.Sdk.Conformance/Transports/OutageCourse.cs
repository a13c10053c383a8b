using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

/// <summary>How publishing and consuming go on over outages: what was acknowledged, what was settled, and what both wait for.</summary>
internal sealed class OutageCourse
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _attempted = new(StringComparer.Ordinal);
    private readonly HashSet<string> _acknowledged = new(StringComparer.Ordinal);
    private readonly HashSet<string> _delivered = new(StringComparer.Ordinal);
    private readonly HashSet<string> _done = new(StringComparer.Ordinal);
    private readonly List<(int Count, TaskCompletionSource Reached)> _marks = [];
    private bool _isDown;
    private bool _isOver;
    private bool _isLastLap;
    private TaskCompletionSource _failure = NewSource();
    private TaskCompletionSource _up = NewSource();

    /// <summary>Gets whether nobody waits for anything any more.</summary>
    public bool IsOver => Volatile.Read(ref _isOver);

    /// <summary>Gets whether there are no more outages to publish over.</summary>
    public bool IsLastLap => IsOver || Volatile.Read(ref _isLastLap);

    /// <summary>Gets whether an outage is on: publishing goes on into it, however much waits to be delivered.</summary>
    public bool IsDown => Volatile.Read(ref _isDown);

    /// <summary>Gets how many messages were acknowledged and not delivered yet, about.</summary>
    public int Backlog
    {
        get
        {
            lock (_gate)
            {
                return _acknowledged.Count - _delivered.Count;
            }
        }
    }

    /// <summary>Gets a task that ends with the next publish that fails.</summary>
    public Task NextFailure => Volatile.Read(ref _failure).Task;

    /// <summary>Gets a task that ends when the backend is next back.</summary>
    public Task Up => Volatile.Read(ref _up).Task;

    /// <summary>Gets whether everything that was acknowledged was delivered. A settlement whose answer was lost may have been made, so
    /// that not everything is settled with an answer.</summary>
    public bool IsComplete
    {
        get
        {
            lock (_gate)
            {
                return _acknowledged.IsSubsetOf(_delivered);
            }
        }
    }

    /// <summary>Tells when so many more messages are acknowledged.</summary>
    public Task GoesOnBy(int count)
    {
        lock (_gate)
        {
            var reached = NewSource();
            _marks.Add((_acknowledged.Count + count, reached));
            return reached.Task;
        }
    }

    public string Attempt(int number, int attempt)
    {
        var text = $"{number}/{attempt}";
        lock (_gate)
        {
            _attempted.Add(text);
        }

        return text;
    }

    public void Acknowledged(int number, int attempt)
    {
        lock (_gate)
        {
            _acknowledged.Add($"{number}/{attempt}");
            _marks.FindAll(m => m.Count <= _acknowledged.Count).ForEach(static m => m.Reached.TrySetResult());
        }
    }

    public void Failed() => Interlocked.Exchange(ref _failure, NewSource()).SetResult();

    public void BeginLastLap() => Volatile.Write(ref _isLastLap, true);

    public void End() => Volatile.Write(ref _isOver, true);

    public void GoesDown() => Volatile.Write(ref _isDown, true);

    public void IsUpAgain()
    {
        Volatile.Write(ref _isDown, false);
        Interlocked.Exchange(ref _up, NewSource()).SetResult();
    }

    /// <summary>Notes what was delivered. What was answered as done never comes again.</summary>
    public void Delivered(IEnumerable<string> texts)
    {
        lock (_gate)
        {
            foreach (var text in texts)
            {
                Assert.True(_attempted.Contains(text), $"'{text}' was delivered and never published");
                Assert.False(_done.Contains(text), $"'{text}' was delivered again after it was done");
                _delivered.Add(text);
            }
        }
    }

    /// <summary>Notes how settling was answered.</summary>
    public void Settled(IEnumerable<string> texts, IReadOnlyList<SettlementOutcome> outcomes)
    {
        lock (_gate)
        {
            _done.UnionWith(texts.Where((_, i) => outcomes[i] == SettlementOutcome.Done));
        }
    }

    /// <summary>Tells what is missing.</summary>
    public string Open()
    {
        lock (_gate)
        {
            return $"{_acknowledged.Count} acknowledged, never delivered of them: " + string.Join(", ", _acknowledged.Except(_delivered).Take(20));
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
