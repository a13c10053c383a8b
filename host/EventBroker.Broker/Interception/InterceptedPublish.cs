using EventBroker.Broker.Routing;
using EventBroker.Sdk.Interception;

namespace EventBroker.Broker.Interception;

internal sealed class InterceptedPublish : PublishContext
{
    public required RoutedTransport Route { get; init; }

    public bool HasPassed { get; private set; }

    public ValueTask PassAsync()
    {
        HasPassed = true;
        return Route.For(Caller).PublishAsync(EventName, Message, CancellationToken);
    }
}
