namespace EventBroker.Sdk.Errors;

/// <summary>The failures that every transport meets, with the wording of the wire contract.</summary>
public static class BrokerErrors
{
    /// <summary>The event is not registered.</summary>
    /// <returns>An exception with <see cref="BrokerErrorCode.NotFound"/>.</returns>
    public static BrokerException EventNotRegistered() => new(BrokerErrorCode.NotFound, "event not registered");

    /// <summary>The event is registered already.</summary>
    /// <returns>An exception with <see cref="BrokerErrorCode.AlreadyExists"/>.</returns>
    public static BrokerException EventAlreadyRegistered() => new(BrokerErrorCode.AlreadyExists, "event already registered");

    /// <summary>The transport is closed.</summary>
    /// <returns>An exception with <see cref="BrokerErrorCode.Unavailable"/>.</returns>
    public static BrokerException TransportClosed() => new(BrokerErrorCode.Unavailable, "the transport is closed");

    /// <summary>The subscription was ended by the broker, for instance because its event was unregistered.</summary>
    /// <param name="why">The reason, for the caller.</param>
    /// <returns>An exception with <see cref="BrokerErrorCode.Aborted"/>.</returns>
    public static BrokerException SubscriptionEnded(string why) => new(BrokerErrorCode.Aborted, "subscription closed: " + why);

    /// <summary>Another subscription has taken a consumer id over.</summary>
    /// <param name="consumerId">The id.</param>
    /// <param name="instead">What can be done; empty for nothing.</param>
    /// <returns>An exception with <see cref="BrokerErrorCode.Aborted"/> and <see cref="BrokerErrorReason.TakenOver"/>.</returns>
    public static BrokerException TakenOver(string consumerId, string instead = "") => new(
        BrokerErrorCode.Aborted,
        $"subscription closed: consumer id '{consumerId}' was taken over by another subscription{(instead.Length == 0 ? "" : "; " + instead)}")
    {
        Reason = BrokerErrorReason.TakenOver,
    };

    /// <summary>The transport can't honour an option.</summary>
    /// <param name="transport">The transport's name in <c>plugins.json</c>, or its kind.</param>
    /// <param name="option">The option as the wire contract spells it, such as <c>start_from=beginning</c>.</param>
    /// <param name="why">Why not, and what to do instead.</param>
    /// <returns>An exception with <see cref="BrokerErrorCode.FailedPrecondition"/>.</returns>
    public static BrokerException OptionNotSupported(string transport, string option, string why) =>
        new(BrokerErrorCode.FailedPrecondition, $"transport '{transport}' can't honour {option}: {why}");
}
