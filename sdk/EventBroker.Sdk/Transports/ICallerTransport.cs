using EventBroker.Sdk.Authorization;

namespace EventBroker.Sdk.Transports;

/// <summary>A transport that acts in the name of whoever calls: another broker, which has to see the caller's own credentials.</summary>
/// <remarks>The broker asks for a view whenever it registers, unregisters, lists, publishes or subscribes for a caller, and calls that
/// instead. Health checks, capabilities and disposal concern the transport itself. What happens on an open subscription
/// (reading, settling) is in the name of the caller who opened it.</remarks>
public interface ICallerTransport : ITransport
{
    /// <summary>Gets a view of this transport that acts with the caller's credentials and shares everything else with it. Cheap, since it
    /// is asked for on every publish; safe for concurrent use. The broker never disposes a view.</summary>
    /// <param name="caller">Who calls. What it gives may end with the call, so whatever is needed later (for a subscription) is read now
    /// or while the call runs.</param>
    /// <returns>The view; this transport itself where the caller makes no difference.</returns>
    ITransport For(Caller caller);
}
