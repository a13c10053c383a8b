using System.Threading.Channels;

namespace EventBroker.Client.Bus.Tests;

// A handler that tells the test of everything that it is given, and does with it what the test says.
internal sealed class Handled(Func<Order, EventContext, Task>? then = null)
{
    private const int Marker = -1;

    private readonly Channel<int> _markers = Channel.CreateUnbounded<int>();
    private readonly Channel<(Order Order, EventContext Context)> _seen = Channel.CreateUnbounded<(Order, EventContext)>();
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public Task HandleAsync(Order order, EventContext context)
    {
        if (order.Number == Marker)
        {
            _markers.Writer.TryWrite(order.Number);
            return Task.CompletedTask;
        }

        Interlocked.Increment(ref _count);
        _seen.Writer.TryWrite((order, context));
        return then is null ? Task.CompletedTask : then(order, context);
    }

    public ValueTask<(Order Order, EventContext Context)> NextAsync() => _seen.Reader.ReadAsync();

    // The next, once the clock may be moved. The broker knows that it is sent: what it writes behind that has come. Until then the broker may
    // count the time to settle it from later, and a clock that is moved far takes the connection for one that takes nothing. And the client
    // waits for more: what comes while it reads counts as come with what it reads, and would be too old after the clock was moved.
    public async Task<(Order Order, EventContext Context)> NextCountedAsync(BusFixture fixture)
    {
        var next = await NextAsync();
        await fixture.Orders.PublishAsync(new Order(Marker));
        await _markers.Reader.ReadAsync();
        await fixture.Wire.WhenReadOutAsync();
        return next;
    }
}
