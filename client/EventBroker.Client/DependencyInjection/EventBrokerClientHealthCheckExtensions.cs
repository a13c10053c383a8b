using EventBroker.Client.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EventBroker.Client;

/// <summary>Registers the client's health check.</summary>
public static class EventBrokerClientHealthCheckExtensions
{
    /// <summary>Adds a check of the subscriptions and handlers over the registered <see cref="RemoteTransport"/>: degraded while one is being
    /// opened again, <paramref name="failureStatus"/> once one has ended that its owner has not disposed of. It asks the broker nothing.</summary>
    /// <param name="builder">The health checks of the program.</param>
    /// <param name="name">The check's name.</param>
    /// <param name="failureStatus">What to report where a subscription has ended; null: unhealthy.</param>
    /// <param name="tags">Tags to select the check by; null: none.</param>
    /// <param name="clientName">The name of the client; null: the one without a name.</param>
    /// <returns>The health checks.</returns>
    public static IHealthChecksBuilder AddEventBrokerClient(
        this IHealthChecksBuilder builder,
        string name = "eventbroker",
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null,
        string? clientName = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name,
            services => new EventBrokerHealthCheck(
                clientName is null ? services.GetRequiredService<RemoteTransport>() : services.GetRequiredKeyedService<RemoteTransport>(clientName)),
            failureStatus,
            tags));
    }
}
