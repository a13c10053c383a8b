using Microsoft.Extensions.DependencyInjection;

namespace EventBroker.Client.DependencyInjection;

internal sealed class EventBrokerClientBuilder(IServiceCollection services) : IEventBrokerClientBuilder
{
    public IServiceCollection Services => services;
}
