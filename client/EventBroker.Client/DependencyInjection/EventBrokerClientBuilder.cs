using Microsoft.Extensions.DependencyInjection;

namespace EventBroker.Client.DependencyInjection;

internal sealed class EventBrokerClientBuilder(IServiceCollection services, string name) : IEventBrokerClientBuilder
{
    public IServiceCollection Services => services;

    public string Name => name;
}
