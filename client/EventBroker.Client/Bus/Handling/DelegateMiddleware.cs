namespace EventBroker.Client.Bus;

internal sealed class DelegateMiddleware : IEventMiddleware
{
    private readonly Func<EventContext, Func<EventContext, Task>, Task> _middleware;

    public DelegateMiddleware(Func<EventContext, Func<EventContext, Task>, Task> middleware)
    {
        ArgumentNullException.ThrowIfNull(middleware);
        _middleware = middleware;
    }

    public Task InvokeAsync(EventContext context, Func<EventContext, Task> next) => _middleware(context, next);
}
