using EventBroker.Broker.Routing;
using EventBroker.Sdk.Transports;
using Microsoft.Extensions.Logging;

namespace EventBroker.Broker.Health;

/// <summary>Asks the transports how they are, all at the same time.</summary>
internal sealed class TransportProbe(IReadOnlyList<RoutedTransport> transports, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan CheckTime = TimeSpan.FromSeconds(5);

    // Everybody may ask how the broker is, and asking a backend costs: strangers share an answer for so long.
    private static readonly TimeSpan SharedFor = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Task<ProbeReport>? _shared;
    private long _sharedSince;

    /// <summary>Asks now.</summary>
    public async Task<ProbeReport> AskAsync(CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var reports = await Task.WhenAll(transports.Select(t => CheckAsync(t, cancellationToken)));
        return new ProbeReport(reports, time.GetElapsedTime(start));
    }

    /// <summary>Asks, unless somebody has just done so.</summary>
    public Task<ProbeReport> AskSharedAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_shared is null || (_shared.IsCompleted && time.GetElapsedTime(_sharedSince) >= SharedFor))
            {
                _sharedSince = time.GetTimestamp();
                _shared = AskAsync(CancellationToken.None);
            }

            return _shared.WaitAsync(cancellationToken);
        }
    }

    private async Task<TransportHealth> CheckAsync(RoutedTransport transport, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(CheckTime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await transport.Transport.CheckHealthAsync(either.Token).AsTask().WaitAsync(either.Token);
        }
#pragma warning disable CA1031 // A transport that throws is as ill as one that says so.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            BrokerLog.HealthCheckFailed(logger, exception, transport.Name);
            return new TransportHealth { Status = TransportHealthStatus.Unhealthy, Message = "it did not answer the health check" };
        }
    }
}
