using Microsoft.AspNetCore.Builder;

namespace EventBroker.Endpoints.Hosting;

// Applies an application's conventions, such as a rate limit, to all endpoints of the broker.
internal sealed class ConventionGroup : IEndpointConventionBuilder
{
    private readonly List<IEndpointConventionBuilder> _builders = [];

    public IEndpointConventionBuilder Add(IEndpointConventionBuilder builder)
    {
        _builders.Add(builder);
        return builder;
    }

    public void Add(Action<EndpointBuilder> convention) => _builders.ForEach(b => b.Add(convention));

    public void Finally(Action<EndpointBuilder> finalConvention) => _builders.ForEach(b => b.Finally(finalConvention));
}
