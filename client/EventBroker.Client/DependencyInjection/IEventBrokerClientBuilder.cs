using Microsoft.Extensions.DependencyInjection;

namespace EventBroker.Client;

/// <summary>Adds to a client that was registered with
/// <see cref="EventBrokerClientServiceCollectionExtensions.AddEventBrokerClient(IServiceCollection)"/>.</summary>
public interface IEventBrokerClientBuilder
{
    /// <summary>Gets the services of the program.</summary>
    IServiceCollection Services { get; }
}
