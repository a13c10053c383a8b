using Microsoft.Extensions.DependencyInjection;

namespace EventBroker.Endpoints.Hosting;

internal sealed class EventBrokerBuilder(IServiceCollection services) : IEventBrokerBuilder
{
    public IServiceCollection Services { get; } = services;
}
