namespace EventBroker.Sdk.Plugins;

/// <summary>Names the plugin class of an assembly: one public class with a parameterless constructor that implements
/// <see cref="ITransportPlugin"/>, <see cref="IAuthorizerPlugin"/> or <see cref="IInterceptorPlugin"/>.</summary>
/// <example><code>[assembly: EventBrokerPlugin(typeof(MemoryTransportPlugin))]</code></example>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class EventBrokerPluginAttribute : Attribute
{
    /// <summary>Initializes the attribute.</summary>
    /// <param name="pluginType">The plugin class.</param>
    public EventBrokerPluginAttribute(Type pluginType) => PluginType = pluginType;

    /// <summary>Gets the plugin class.</summary>
    public Type PluginType { get; }
}
