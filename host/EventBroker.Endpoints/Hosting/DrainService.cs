using EventBroker.Broker;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventBroker.Endpoints.Hosting;

// Runs before the server stops listening, so that a load balancer sees /readyz fail and streams end by themselves
// while calls under way still finish.
#pragma warning disable CA1001 // The source has no timer and no handle, so nothing of it needs disposing.
internal sealed class DrainService(
    MessageBroker broker, Readiness readiness, IOptions<EventBrokerOptions> options, TimeProvider time, ILogger<DrainService> logger) : IHostedLifecycleService
#pragma warning restore CA1001
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _timeIsOver = new();
    private Task? _left;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Once, however often an application is told to stop: who runs it tells it again when somebody else has. Whose time is over ends it for all.
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await using var _ = cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _timeIsOver);
        Task left;
        lock (_gate)
        {
            left = _left ??= LeaveAsync(_timeIsOver.Token);
        }

        await left;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task LeaveAsync(CancellationToken cancellationToken)
    {
        readiness.Leave();
        await WaitAsLameDuckAsync(cancellationToken);
        EndpointLog.Draining(logger, options.Value.DrainTimeout);
        using var timeout = new CancellationTokenSource(options.Value.DrainTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await broker.DrainAsync(either.Token);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // What is still open now is cut by the server.
        }

        if (either.IsCancellationRequested)
        {
            EndpointLog.DrainTimedOut(logger);
        }
    }

    private async Task WaitAsLameDuckAsync(CancellationToken cancellationToken)
    {
        if (options.Value.LameDuck == TimeSpan.Zero)
        {
            return;
        }

        EndpointLog.Leaving(logger, options.Value.LameDuck);
        try
        {
            await Task.Delay(options.Value.LameDuck, time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The application's own time to stop is over.
        }
    }
}
