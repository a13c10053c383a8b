using System.Threading.Channels;

namespace EventBroker.Client.Bus.Tests;

// A handler that tells the test of everything that it is given, and does with it what the test says.
internal sealed class Handled(Func<Order, EventContext, Task>? then = null)
{
    private readonly Channel<(Order Order, EventContext Context)> _seen = Channel.CreateUnbounded<(Order, EventContext)>();
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public Task HandleAsync(Order order, EventContext context)
    {
        Interlocked.Increment(ref _count);
        _seen.Writer.TryWrite((order, context));
        return then is null ? Task.CompletedTask : then(order, context);
    }

    public ValueTask<(Order Order, EventContext Context)> NextAsync() => _seen.Reader.ReadAsync();

    // The next, once the clock may be moved.
    public async Task<(Order Order, EventContext Context)> NextCountedAsync(BusFixture fixture)
    {
        var next = await NextAsync();
        await fixture.HandedOverAsync();
        return next;
    }
}
