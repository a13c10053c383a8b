using Microsoft.Extensions.DependencyInjection;

namespace EventBroker.Endpoints;

/// <summary>Configures the services of a broker further.</summary>
public interface IEventBrokerBuilder
{
    /// <summary>Gets the application's services.</summary>
    IServiceCollection Services { get; }
}
