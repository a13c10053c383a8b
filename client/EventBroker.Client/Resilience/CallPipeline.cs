using EventBroker.Client.Diagnostics;
using EventBroker.Client.Errors;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace EventBroker.Client.Resilience;

/// <summary>Retry around circuit breaker around the timeout of an attempt, for every unary call of a transport.</summary>
internal sealed class CallPipeline
{
    private readonly ResiliencePipeline? _attempts;
    private readonly ResiliencePipeline? _retries;

    public CallPipeline(RemoteTransportOptions options, TimeProvider time, ILogger logger, ClientMetrics metrics)
    {
        _retries = Retries.Create(
            options.Retry,
            time,
            static (exception, _) => MayRetry(exception),
            (retry, delay, exception) =>
            {
                metrics.Retried();
                ClientLog.Retrying(logger, retry, delay, exception?.Message);
            });
        if (options is { CircuitBreaker.Enabled: false, AttemptTimeout: null })
        {
            // Around a call that succeeds, even a pipeline of nothing would cost.
            return;
        }

        var builder = new ResiliencePipelineBuilder { TimeProvider = time };
        if (options.CircuitBreaker.Enabled)
        {
            builder.AddCircuitBreaker(CreateBreaker(options.CircuitBreaker, logger));
        }

        if (options.AttemptTimeout is { } timeout)
        {
            builder.AddTimeout(timeout);
        }

        _attempts = builder.Build();
    }

    /// <summary>Runs an attempt until one succeeds, as far as the options allow.</summary>
    /// <exception cref="EventBrokerException">The last attempt's failure, or the circuit is open.</exception>
    public async ValueTask<TResult> RunAsync<TState, TResult>(
        Func<TState, CancellationToken, ValueTask<TResult>> attempt, TState state, CancellationToken cancellationToken)
    {
        try
        {
            Exception failure;
            try
            {
                return await AttemptAsync(attempt, state, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (_retries is not null && MayRetry(exception))
            {
                failure = exception;
            }

            // Only what has failed goes through the retries, as their first attempt: beside a call that succeeds they would cost the
            // most of all this.
            return await RetryAsync(attempt, state, failure, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutRejectedException exception)
        {
            throw RpcErrors.Translate(exception);
        }
        catch (BrokenCircuitException exception)
        {
            throw RpcErrors.Translate(exception);
        }
    }

    private ValueTask<TResult> AttemptAsync<TState, TResult>(
        Func<TState, CancellationToken, ValueTask<TResult>> attempt, TState state, CancellationToken cancellationToken) =>
        _attempts is null ? attempt(state, cancellationToken) : _attempts.ExecuteAsync(attempt, state, cancellationToken);

    private ValueTask<TResult> RetryAsync<TState, TResult>(
        Func<TState, CancellationToken, ValueTask<TResult>> attempt, TState state, Exception firstFailure, CancellationToken cancellationToken)
    {
        Exception? first = firstFailure;
        return _retries!.ExecuteAsync(
            token =>
            {
                var failed = Interlocked.Exchange(ref first, null);
                return failed is null ? AttemptAsync(attempt, state, token) : ValueTask.FromException<TResult>(failed);
            },
            cancellationToken);
    }

    private static bool MayRetry(Exception? exception) => exception switch
    {
        CircuitOpenException => false,
        EventBrokerException failure => failure.IsTransient,
        TimeoutRejectedException => true,
        _ => false,
    };

    private static CircuitBreakerStrategyOptions CreateBreaker(CircuitBreakerOptions breaker, ILogger logger) => new()
    {
        MinimumThroughput = breaker.FailureThreshold,
        FailureRatio = breaker.FailureRatio,
        SamplingDuration = breaker.SamplingTime,
        BreakDuration = breaker.RecoveryTime,
        ShouldHandle = static arguments => new(arguments.Outcome.Exception switch
        {
            EventBrokerException exception => RpcErrors.IsOutage(exception.Code),
            TimeoutRejectedException => true,
            _ => false,
        }),
        OnOpened = arguments =>
        {
            ClientLog.CircuitOpened(logger, arguments.BreakDuration);
            return default;
        },
        OnClosed = _ =>
        {
            ClientLog.CircuitClosed(logger);
            return default;
        },
    };
}
