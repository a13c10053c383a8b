using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Routing;

/// <summary>A transport with its name in the configuration.</summary>
internal sealed class RoutedTransport
{
    // Asked for its type once, so that a call on any other transport costs a null check.
    private readonly ICallerTransport? _perCaller;

    public RoutedTransport(string name, ITransport transport)
    {
        Name = name;
        Transport = transport;
        _perCaller = transport as ICallerTransport;
        Capabilities = transport.Capabilities;
    }

    public string Name { get; }

    /// <summary>The transport itself, for what concerns no caller. Calls for one go to <see cref="For"/>.</summary>
    public ITransport Transport { get; }

    public TransportCapabilities Capabilities { get; }

    public bool ListsEvents => Capabilities[TransportCapability.EventListing] != CapabilitySupport.Unsupported;

    /// <summary>The transport as it acts for a caller.</summary>
    public ITransport For(Caller caller) => _perCaller is null ? Transport : _perCaller.For(caller);
}
