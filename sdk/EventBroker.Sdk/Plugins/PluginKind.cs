namespace EventBroker.Sdk.Plugins;

/// <summary>What a plugin makes.</summary>
public enum PluginKind
{
    /// <summary>Transports.</summary>
    Transport,

    /// <summary>Authorizers.</summary>
    Authorizer,

    /// <summary>Interceptors.</summary>
    Interceptor,
}
