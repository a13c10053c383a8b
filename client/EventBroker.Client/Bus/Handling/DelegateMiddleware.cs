namespace EventBroker.Client.Bus;

internal sealed class DelegateMiddleware : IEventMiddleware
{
    private readonly Func<EventContext, EventHandlerDelegate, Task> _middleware;

    public DelegateMiddleware(Func<EventContext, EventHandlerDelegate, Task> middleware)
    {
        ArgumentNullException.ThrowIfNull(middleware);
        _middleware = middleware;
    }

    public Task InvokeAsync(EventContext context, EventHandlerDelegate next) => _middleware(context, next);
}
