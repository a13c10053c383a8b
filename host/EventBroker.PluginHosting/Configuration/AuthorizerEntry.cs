namespace EventBroker.PluginHosting.Configuration;

/// <summary>A configured authorizer.</summary>
public sealed class AuthorizerEntry : PluginEntry
{
    /// <summary>Gets or sets whether the operator knows that the broker is open to everybody: needed by an authorizer that
    /// allows everything on an address other than loopback. Default false.</summary>
    public bool IKnowThisIsOpen { get; set; }
}
