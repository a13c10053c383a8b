namespace EventBroker.Client.Bus.Tests;

internal sealed class OrderHandler(Basket basket, Baskets baskets) : IEventHandler<Order>
{
    public async Task HandleAsync(Order value, EventContext context)
    {
        if (value.Number < 0)
        {
            throw new InvalidOperationException("no such order");
        }

        baskets.Enter();
        if (baskets.Gate is { } gate)
        {
            await gate.Task.WaitAsync(context.CancellationToken);
        }

        basket.Orders.Enqueue(value.Number);
    }
}

internal sealed class ScopedMiddleware(Basket basket) : IEventMiddleware
{
    public Task InvokeAsync(EventContext context, Func<EventContext, Task> next)
    {
        basket.Orders.Enqueue(-1);
        return next(context);
    }
}
