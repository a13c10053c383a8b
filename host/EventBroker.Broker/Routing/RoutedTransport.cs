using EventBroker.Broker.Capabilities;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Routing;

/// <summary>A transport with its name in the configuration.</summary>
internal sealed class RoutedTransport
{
    // Asked for its type once, so that a call on any other transport costs a null check.
    private readonly ICallerTransport? _perCaller;

    public RoutedTransport(string name, ITransport transport, TransportTrouble trouble)
    {
        Name = name;
        Transport = transport;
        Trouble = trouble;
        _perCaller = transport as ICallerTransport;
        Declared = transport.Capabilities;
        Capabilities = EffectiveCapabilities.Of(Declared);
    }

    public string Name { get; }

    /// <summary>The transport itself, for what concerns no caller. Calls for one go to <see cref="For"/>.</summary>
    public ITransport Transport { get; }

    /// <summary>What the transport does by itself.</summary>
    public TransportCapabilities Declared { get; }

    /// <summary>What can be done over it, by itself or by the broker.</summary>
    public EffectiveCapabilities Capabilities { get; }

    public TransportTrouble Trouble { get; }

    public bool ListsEvents => Declared.Has(TransportCapability.EventListing);

    /// <summary>The transport as it acts for a caller.</summary>
    public ITransport For(Caller caller) => _perCaller is null ? Transport : _perCaller.For(caller);
}
