using System.Globalization;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Redis;

public sealed partial class RedisTransport
{
    /// <inheritdoc/>
    public async ValueTask<TransportHealth> CheckHealthAsync(CancellationToken cancellationToken)
    {
        var details = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["address"] = _state.Backend.Address,
            ["subscriptions"] = Number(_events.SubscriptionCount),
        };
        var metrics = _state.Metrics;
        foreach (var count in (RedisMetrics.Count[])
            [metrics.Published, metrics.Duplicates, metrics.Delivered, metrics.Claimed, metrics.Lost, metrics.Missed, metrics.Reconnects])
        {
            details[count.Name] = Number(count.Total);
        }

        details["pending"] = Number(metrics.Pending);
        try
        {
            var (latency, figures) = await _state.Backend.ProbeAsync(_state.Time).WaitAsync(cancellationToken);
            details["latency"] = latency.TotalMilliseconds.ToString("0.###", CultureInfo.InvariantCulture) + "ms";
            details["version"] = figures.Version.ToString();
            details["mode"] = figures.Mode;
            details["role"] = figures.Role;
            details["replicas"] = Number(figures.Replicas);
            details["append_only"] = figures.IsAppendOnly ? "yes" : "no";
            details["used_memory_bytes"] = Number(figures.UsedMemory);
            details["max_memory_bytes"] = Number(figures.MaxMemory);
            details["eviction"] = figures.Policy;
            var (status, message) = Judge(figures);
            return new TransportHealth { Status = status, Message = message, Details = details };
        }
        catch (Exception exception) when (exception is BrokerException or OperationCanceledException)
        {
            return new TransportHealth
            {
                Status = TransportHealthStatus.Unhealthy,
                Message = exception is BrokerException ? exception.Message : "Redis did not answer in time",
                Details = details,
            };
        }

        static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
    }

    private (TransportHealthStatus Status, string Message) Judge(Backend.BackendFigures figures)
    {
        if (_state.Backend.Check.Judge(figures) is { } fault)
        {
            return (TransportHealthStatus.Degraded, fault);
        }

        if (figures.Role != "master")
        {
            return (TransportHealthStatus.Unhealthy, "this Redis is a replica: nothing can be written");
        }

        return figures.Replicas < _state.Settings.Replicas
            ? (TransportHealthStatus.Degraded,
                string.Create(CultureInfo.InvariantCulture, $"Redis has {figures.Replicas} replicas, and a publish waits for {_state.Settings.Replicas}"))
            : figures.MaxMemory > 0 && figures.UsedMemory > figures.MaxMemory / 10 * 9
            ? (TransportHealthStatus.Degraded, "Redis has used more than 90 % of its maxmemory")
            : (TransportHealthStatus.Healthy, "");
    }
}
