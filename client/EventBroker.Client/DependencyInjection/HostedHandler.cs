using EventBroker.Client.Bus;
using EventBroker.Client.Diagnostics;
using EventBroker.Client.Resilience;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventBroker.Client.DependencyInjection;

/// <summary>One handler of an application: subscribed, and subscribed again, until the application stops or the broker refuses.</summary>
internal sealed class HostedHandler
{
    // Between attempts to subscribe that failed for a reason that is not the broker's, such as a token provider that fails: the broker's own
    // faults are met inside of the subscription, which keeps its place.
    private static readonly RetryOptions Again = new()
    {
        MaxRetries = null,
        FirstBackoff = TimeSpan.FromSeconds(1),
        LongestBackoff = TimeSpan.FromSeconds(30),
    };

    private readonly HandlerRegistration _registration;
    private readonly EventBus _bus;
    private readonly HandlerOptions _options;
    private readonly bool _stopsOnRefusal;
    private readonly TimeProvider _time;
    private readonly SubscriptionHealth _health;
    private readonly ILogger _logger;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _failures;

    public HostedHandler(
        HandlerRegistration registration,
        EventBus bus,
        HandlerOptions options,
        HandlerHostOptions hostOptions,
        IHostApplicationLifetime lifetime)
    {
        var connection = bus.Transport.Connection;
        _registration = registration;
        _bus = bus;
        _options = HandlerOptionsSnapshot.Of(options);
        _stopsOnRefusal = hostOptions.StopApplicationOnRefusal;
        _time = connection.Time;
        _health = connection.Health;
        _logger = connection.LoggerFactory.CreateLogger<HandlerHost>();
        _lifetime = lifetime;
        Prepare(_options.Subscription, hostOptions.RegisterEvents);
    }

    /// <summary>Gets a task that ends when the handler is subscribed for the first time, or has met its first fault; with the refusal
    /// that is to stop the application.</summary>
    public Task Started => _started.Task;

    /// <summary>Keeps the handler subscribed.</summary>
    /// <param name="stopping">Stops it; handlers that run may end.</param>
    /// <param name="overtime">The time for that is over: cancels them.</param>
    public async Task RunAsync(CancellationToken stopping, CancellationToken overtime)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var subscription = await _registration.OpenAsync(_bus, _options, stopping).ConfigureAwait(false);
                await HandleAsync(subscription, stopping, overtime).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (EventBrokerException exception)
            {
                // The subscription itself has met everything that passes.
                Refused(exception);
                return;
            }
            catch (ObjectDisposedException)
            {
                // The program has disposed the transport.
                return;
            }
#pragma warning disable CA1031 // Whatever it is, such as a token provider's own exception at the opening, may be over the next time.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                await WaitAsync(exception, stopping).ConfigureAwait(false);
            }
            finally
            {
                _started.TrySetResult();
            }
        }
    }

    private async Task HandleAsync(EventSubscription subscription, CancellationToken stopping, CancellationToken overtime)
    {
        BusLog.HandlerSubscribed(_logger, _registration.EventName);
        _started.TrySetResult();
        await using (subscription.ConfigureAwait(false))
        {
            try
            {
                await subscription.Completion.WaitAsync(stopping).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                await subscription.StopAsync(overtime).ConfigureAwait(false);
            }
        }
    }

    private void Refused(EventBrokerException exception)
    {
        _health.Ends(this, _registration.EventName, exception);
        BusLog.HandlerRefused(_logger, exception, _registration.EventName);
        if (_stopsOnRefusal && !_started.TrySetException(exception))
        {
            _lifetime.StopApplication();
        }
    }

    private async Task WaitAsync(Exception exception, CancellationToken stopping)
    {
        var delay = Backoff.Next(Again, ++_failures)!.Value;
        BusLog.HandlerEnded(_logger, exception, _registration.EventName, delay);
        _started.TrySetResult();
        await Task.Delay(delay, _time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Prepare(SubscribeOptions subscription, bool registersEvents)
    {
        subscription.RegisterMissingEvent |= registersEvents;
        var onFault = subscription.OnFault;
        subscription.OnFault = fault =>
        {
            // Once: the subscription says the rest.
            if (fault.RetryAfter is not null && !_started.Task.IsCompleted)
            {
                BusLog.HandlerWaits(_logger, fault.Exception, _registration.EventName);
                _started.TrySetResult();
            }

            onFault?.Invoke(fault);
        };
    }
}
