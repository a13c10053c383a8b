using EventBroker.Client.Resilience;
using Microsoft.Extensions.DependencyInjection;

namespace EventBroker.Client.Bus;

/// <summary>The way of a decoded message to its handler: service scope, middleware, retries. The order is promised in
/// <see cref="IEventMiddleware"/>.</summary>
internal sealed class HandlerPipeline<T>
{
    private readonly IServiceScopeFactory? _scopes;
    private readonly Func<T, EventContext, Task> _handler;
    private readonly Retries? _retries;
    private readonly Func<EventContext, Task> _outermost;

    public HandlerPipeline(EventBus bus, HandlerOptions options, Func<T, EventContext, Task> handler)
    {
        _scopes = bus.Scopes;
        _handler = handler;
        _retries = options.Retry.MaxRetries == 0
            ? null
            : new Retries(options.Retry, bus.Transport.Connection.Time, exception => options.ShouldRetry?.Invoke(exception) != false);

        Func<EventContext, Task> next = CallHandlerAsync;
        foreach (var middleware in bus.Middleware.Concat(options.Middleware).Reverse())
        {
            var inner = next;
            next = context => middleware.InvokeAsync(context, inner);
        }

        _outermost = next;
    }

    public Task RunAsync(EventContext context) =>
        _scopes is null ? _outermost(context) : RunInScopeAsync(context, _scopes);

    // The scope ends before the message is acked: what fails then fails the handling.
    private async Task RunInScopeAsync(EventContext context, IServiceScopeFactory scopes)
    {
        var scope = scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            context.Services = scope.ServiceProvider;
            await _outermost(context).ConfigureAwait(false);
        }
    }

    private Task CallHandlerAsync(EventContext context)
    {
        if (context.Value is not T value)
        {
            throw new InvalidOperationException($"middleware has called next with another context than the one that it was given: its value is no {typeof(T)}");
        }

        return _retries is null ? _handler(value, context) : RetryAsync(_retries, value, context);
    }

    private async Task RetryAsync(Retries retries, T value, EventContext context) =>
        await retries.RunAsync(
            static async (call, _) =>
            {
                await call._handler(call.value, call.context).ConfigureAwait(false);
                return true;
            },
            (_handler, value, context),
            failureOf: null,
            context.CancellationToken).ConfigureAwait(false);
}
