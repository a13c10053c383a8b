using System.Collections.Concurrent;

namespace EventBroker.Client.Bus.Tests;

// All scoped services that were made for handlers.
internal sealed class Baskets
{
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ConcurrentQueue<Basket> All { get; } = new();

    // What handlers wait for.
    public TaskCompletionSource? Gate { get; set; }

    public void Enter() => _entered.TrySetResult();

    // Ends when a handler has begun.
    public Task WhenEnteredAsync() => _entered.Task;
}

// A service of the scope of one message.
internal sealed class Basket : IDisposable
{
    public Basket(Baskets all) => all.All.Enqueue(this);

    public ConcurrentQueue<int> Orders { get; } = new();

    public bool IsDisposed { get; private set; }

    public void Dispose() => IsDisposed = true;
}
