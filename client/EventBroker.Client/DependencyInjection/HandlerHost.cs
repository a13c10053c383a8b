using EventBroker.Client.Bus;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace EventBroker.Client.DependencyInjection;

/// <summary>Keeps the handlers of an application at work from its start to its stop.</summary>
internal sealed class HandlerHost(
    string clientName,
    IEnumerable<HandlerRegistration> registrations,
    EventBus bus,
    HandlerHostOptions options,
    IOptionsFactory<HandlerOptions> handlerOptions,
    IHostApplicationLifetime lifetime) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _overtime = new();
    private Task _running = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // What the program has got wrong stops it here; what is wrong with the broker does not.
        var handlers = registrations.Where(r => r.ClientName == clientName).Select(CreateHandler).ToList();
        _running = Task.WhenAll(handlers.Select(h => Task.Run(() => h.RunAsync(_stopping.Token, _overtime.Token), CancellationToken.None)));
        try
        {
            await WaitForAsync(handlers, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await _stopping.CancelAsync().ConfigureAwait(false);
            await _running.ConfigureAwait(false);
            throw;
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var overtime = cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _overtime);
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _overtime.Dispose();
    }

    private async Task WaitForAsync(List<HostedHandler> handlers, CancellationToken cancellationToken)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var limit = Task.Delay(options.StartTimeout, bus.Transport.Connection.Time, wait.Token);
        await Task.WhenAny(Task.WhenAll(handlers.Select(static h => h.Started)), limit).ConfigureAwait(false);
        await wait.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var started in handlers.Select(static h => h.Started))
        {
            if (started.IsFaulted)
            {
                await started.ConfigureAwait(false);
            }

            // Too late to fail the start.
            _ = started.ContinueWith(
                _ => lifetime.StopApplication(), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
    }

    private HostedHandler CreateHandler(HandlerRegistration registration)
    {
        var configured = registration.CreateOptions(handlerOptions);
        if (HandlerOptionsRules.FindFaults(registration.EventName, configured) is { Count: > 0 } faults)
        {
            throw new OptionsValidationException(
                registration.EventName, typeof(HandlerOptions), faults.Select(f => $"The handler of {registration.EventName}: {f}"));
        }

        return new HostedHandler(registration, bus, configured, options, lifetime);
    }
}
