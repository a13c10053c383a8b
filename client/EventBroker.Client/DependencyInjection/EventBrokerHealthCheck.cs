using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EventBroker.Client.DependencyInjection;

/// <summary>How the subscriptions of a transport are. Asks the broker nothing: it is for the program's readiness, which a call must not
/// hold up.</summary>
internal sealed class EventBrokerHealthCheck(RemoteTransport transport) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var connection = transport.Connection;
        var troubles = connection.Health.Troubles;
        var data = new Dictionary<string, object>
        {
            ["address"] = connection.Options.Address!.GetLeftPart(UriPartial.Authority),
            ["connection"] = transport.State.ToString(),
        };
        if (troubles.Count == 0)
        {
            return Task.FromResult(HealthCheckResult.Healthy("all subscriptions are open", data));
        }

        var isFinal = troubles.Any(static t => t.IsFinal);
        var text = string.Join("; ", troubles.OrderByDescending(static t => t.IsFinal).Select(static t =>
            t.IsFinal ? $"the subscription to {t.EventName} has ended: {t.Reason}" : $"the subscription to {t.EventName} is being opened again: {t.Reason}"));
        return Task.FromResult(new HealthCheckResult(
            isFinal ? context.Registration.FailureStatus : HealthStatus.Degraded, text, data: data));
    }
}
