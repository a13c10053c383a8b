using EventBroker.Client.Resilience;
using Microsoft.Extensions.DependencyInjection;
using Polly;

namespace EventBroker.Client.Bus;

/// <summary>The way of a decoded message to its handler: service scope, middleware, retries. The order is promised in
/// <see cref="IEventMiddleware"/>.</summary>
internal sealed class HandlerPipeline<T>
{
    private readonly IServiceScopeFactory? _scopes;
    private readonly Func<T, EventContext, Task> _handler;
    private readonly ResiliencePipeline? _retries;
    private readonly Func<EventContext, Task> _outermost;

    public HandlerPipeline(EventBus bus, HandlerOptions options, Func<T, EventContext, Task> handler)
    {
        _scopes = bus.Scopes;
        _handler = handler;
        _retries = Retries.Create(
            options.Retry,
            bus.Transport.Connection.Time,
            (exception, token) => exception is not null && !token.IsCancellationRequested && options.ShouldRetry?.Invoke(exception) != false);

        Func<EventContext, Task> next = CallHandlerAsync;
        foreach (var middleware in bus.Middleware.Concat(options.Middleware).Reverse())
        {
            var inner = next;
            next = context => middleware.InvokeAsync(context, inner);
        }

        _outermost = next;
    }

    public Task RunAsync(EventContext<T> context) =>
        _scopes is null ? _outermost(context) : RunInScopeAsync(context, _scopes);

    // The scope ends before the message is acked: what fails then fails the handling.
    private async Task RunInScopeAsync(EventContext<T> context, IServiceScopeFactory scopes)
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
        if (context is not EventContext<T> mine)
        {
            throw new InvalidOperationException("middleware has called next with another context than the one that it was given");
        }

        return _retries is null
            ? _handler(mine.Value, mine)
            : _retries.ExecuteAsync(
                static (state, _) => new ValueTask(state._handler(state.mine.Value, state.mine)),
                (_handler, mine),
                mine.CancellationToken).AsTask();
    }
}
