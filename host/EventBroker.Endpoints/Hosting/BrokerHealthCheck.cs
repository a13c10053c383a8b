using EventBroker.Broker;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EventBroker.Endpoints.Hosting;

// Readiness: whether this broker wants calls. How its backends are is told by GET /v1/health, since taking every broker out of
// service when one of several backends is down would make things worse.
internal sealed class BrokerHealthCheck(MessageBroker broker) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(broker.Draining.IsCancellationRequested ? HealthCheckResult.Unhealthy("draining") : HealthCheckResult.Healthy("ready"));
}
