using EventBroker.Client.Diagnostics;
using EventBroker.Client.Errors;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace EventBroker.Client.Resilience;

/// <summary>Retries around circuit breaker around the timeout of an attempt, for every unary call of a transport.</summary>
internal sealed class CallPipeline
{
    private readonly ResiliencePipeline? _attempts;
    private readonly Retries _retries;

    public CallPipeline(RemoteTransportOptions options, TimeProvider time, ILogger logger, ClientMetrics metrics)
    {
        _retries = new Retries(options.Retry, time, MayRetry, (retry, delay, failure) =>
        {
            metrics.Retried();
            ClientLog.Retrying(logger, retry, delay, failure.Message);
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
    /// <param name="attempt">One attempt.</param>
    /// <param name="state">What it is given.</param>
    /// <param name="failureOf">What has failed of a result all the same; null where a result is a success.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EventBrokerException">The last attempt's failure, or the circuit is open.</exception>
    public async ValueTask<TResult> RunAsync<TState, TResult>(
        Func<TState, CancellationToken, ValueTask<TResult>> attempt,
        TState state,
        Func<TResult, EventBrokerException?>? failureOf,
        CancellationToken cancellationToken)
    {
        try
        {
            if (_attempts is null)
            {
                return await _retries.RunAsync(attempt, state, failureOf, cancellationToken).ConfigureAwait(false);
            }

            return await _retries.RunAsync(
                static (call, token) => call._attempts.ExecuteAsync(call.attempt, call.state, token),
                (_attempts, attempt, state),
                failureOf,
                cancellationToken).ConfigureAwait(false);
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

    private static bool MayRetry(Exception exception) => exception switch
    {
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
