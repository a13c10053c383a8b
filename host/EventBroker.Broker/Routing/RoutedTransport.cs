using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Routing;

/// <summary>A transport with its name in the configuration.</summary>
internal sealed class RoutedTransport
{
    public RoutedTransport(string name, ITransport transport)
    {
        Name = name;
        Transport = transport;
        Capabilities = transport.Capabilities;
    }

    public string Name { get; }

    public ITransport Transport { get; }

    public TransportCapabilities Capabilities { get; }

    public bool ListsEvents => Capabilities[TransportCapability.EventListing] != CapabilitySupport.Unsupported;
}
