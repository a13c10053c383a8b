using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace EventBroker.Client.Bus;

/// <summary>A thread for handlers that block, so that they take none from the thread pool, on which acks, extensions and the connection itself
/// go on.</summary>
internal sealed class OwnThread : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;

    public OwnThread(string eventName)
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "EventBroker handler of " + eventName };
        _thread.UnsafeStart();
    }

    /// <summary>Goes on there.</summary>
    public Switch SwitchTo() => new(this);

    public void Dispose() => _work.CompleteAdding();

    private void Run()
    {
        foreach (var next in _work.GetConsumingEnumerable())
        {
            next();
        }

        _work.Dispose();
    }

    /// <summary>What is awaited to get there.</summary>
    internal readonly struct Switch(OwnThread owner) : ICriticalNotifyCompletion
    {
        public bool IsCompleted => Thread.CurrentThread == owner._thread;

        public Switch GetAwaiter() => this;

        public void GetResult()
        {
        }

        public void OnCompleted(Action continuation) => owner._work.Add(continuation);

        public void UnsafeOnCompleted(Action continuation) => owner._work.Add(continuation);
    }
}
