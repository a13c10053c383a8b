using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.Retry;

namespace EventBroker.Client.Bus;

/// <summary>The way of a decoded message to its handler: service scope, middleware, retries. The order is promised in
/// <see cref="IEventMiddleware"/>.</summary>
internal sealed class HandlerPipeline<T>
{
    private readonly IServiceScopeFactory? _scopes;
    private readonly Func<T, EventContext, Task> _handler;
    private readonly ResiliencePipeline? _retries;
    private readonly EventHandlerDelegate _outermost;

    public HandlerPipeline(EventBus bus, HandlerOptions options, Func<T, EventContext, Task> handler)
    {
        _scopes = bus.Scopes;
        _handler = handler;
        if (options.Retry.MaxRetries > 0)
        {
            _retries = new ResiliencePipelineBuilder { TimeProvider = bus.Transport.Connection.Time }
                .AddRetry(CreateRetry(options.Retry))
                .Build();
        }

        EventHandlerDelegate next = CallHandlerAsync;
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

    private static RetryStrategyOptions CreateRetry(HandlerRetryOptions retry) => new()
    {
        MaxRetryAttempts = retry.MaxRetries,
        BackoffType = DelayBackoffType.Exponential,
        Delay = retry.FirstBackoff,
        MaxDelay = retry.LongestBackoff,
        UseJitter = retry.UseJitter,
        ShouldHandle = arguments => new(
            arguments.Outcome.Exception is { } exception
            && !arguments.Context.CancellationToken.IsCancellationRequested
            && (retry.ShouldRetry?.Invoke(exception) ?? true)),
    };
}
