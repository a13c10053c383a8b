using Microsoft.Extensions.DependencyInjection;

namespace EventBroker.Client;

/// <summary>Adds to a client that was registered with
/// <see cref="EventBrokerClientExtensions.AddEventBrokerClient(IServiceCollection)"/>.</summary>
public interface IEventBrokerClientBuilder
{
    /// <summary>Gets the services of the program.</summary>
    IServiceCollection Services { get; }

    /// <summary>Gets the client's name, which is also that of its options; empty for the one without a name.</summary>
    string Name { get; }
}
