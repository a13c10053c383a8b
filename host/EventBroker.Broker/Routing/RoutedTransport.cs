using EventBroker.Broker.Capabilities;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Errors;
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

    /// <summary>Registers an event that is missing, for a caller who may; tells whether it is there then. Null for routes that don't.</summary>
    public Func<Caller, string, CancellationToken, ValueTask<bool>>? Register { get; private init; }

    public bool ListsEvents => Declared.Has(TransportCapability.EventListing);

    /// <summary>The transport as it acts for a caller.</summary>
    public ITransport For(Caller caller) => _perCaller is null ? Transport : _perCaller.For(caller);

    /// <summary>The same transport for a route that registers by itself.</summary>
    public RoutedTransport RegisteringBy(Func<Caller, string, CancellationToken, ValueTask<bool>> register) =>
        new(Name, Transport, Trouble) { Register = register };

    public ValueTask<PublishReceipt> PublishAsync(
        Caller caller, string eventName, TransportMessage message, CancellationToken cancellationToken) =>
        Register is null
            ? For(caller).PublishAsync(eventName, message, cancellationToken)
            : PublishOrRegisterAsync(caller, eventName, message, cancellationToken);

    public ValueTask PublishAsync(Caller caller, string eventName, PublishBatch batch, CancellationToken cancellationToken) =>
        Register is null
            ? For(caller).PublishAsync(eventName, batch, cancellationToken)
            : PublishOrRegisterAsync(caller, eventName, batch, cancellationToken);

    private async ValueTask<PublishReceipt> PublishOrRegisterAsync(
        Caller caller, string eventName, TransportMessage message, CancellationToken cancellationToken)
    {
        try
        {
            return await For(caller).PublishAsync(eventName, message, cancellationToken);
        }
        catch (BrokerException missing) when (missing.Code == BrokerErrorCode.NotFound)
        {
            if (!await Register!(caller, eventName, cancellationToken))
            {
                throw;
            }

            return await For(caller).PublishAsync(eventName, message, cancellationToken);
        }
    }

    private async ValueTask PublishOrRegisterAsync(Caller caller, string eventName, PublishBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            await For(caller).PublishAsync(eventName, batch, cancellationToken);
        }
        catch (BrokerException missing) when (missing.Code == BrokerErrorCode.NotFound)
        {
            if (!await Register!(caller, eventName, cancellationToken))
            {
                throw;
            }

            await For(caller).PublishAsync(eventName, batch, cancellationToken);
        }
    }
}
