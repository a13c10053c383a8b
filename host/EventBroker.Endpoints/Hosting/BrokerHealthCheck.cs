using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EventBroker.Endpoints.Hosting;

internal sealed class BrokerHealthCheck(Readiness readiness) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(readiness.IsReady ? HealthCheckResult.Healthy("ready") : HealthCheckResult.Unhealthy("draining"));
}
