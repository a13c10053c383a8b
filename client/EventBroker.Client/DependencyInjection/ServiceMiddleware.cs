using Microsoft.Extensions.DependencyInjection;

namespace EventBroker.Client.DependencyInjection;

/// <summary>Middleware that comes from the message's own scope.</summary>
internal sealed class ServiceMiddleware<TMiddleware> : IEventMiddleware
    where TMiddleware : class, IEventMiddleware
{
    public Task InvokeAsync(EventContext context, Func<EventContext, Task> next) =>
        context.Services!.GetRequiredService<TMiddleware>().InvokeAsync(context, next);
}
