using Microsoft.Extensions.DependencyInjection;

namespace EventBroker.Sdk.Plugins;

/// <summary>What every plugin class implements, by way of one of the typed base classes such as <see cref="TransportPlugin{TSettings}"/>.</summary>
public interface IPlugin
{
    /// <summary>Gets the class that the plugin's settings in <c>plugins.json</c> are bound to and checked against before
    /// anything is created: public settable properties with the attributes of
    /// <c>System.ComponentModel.DataAnnotations</c> and, for rules across properties, <c>IValidatableObject</c>.</summary>
    Type SettingsType { get; }

    /// <summary>Adds services of the plugin's own to its own service provider, which holds a logger factory, the meter and
    /// the time provider already.</summary>
    /// <param name="services">The plugin's services.</param>
    /// <param name="settings">The validated settings, an instance of <see cref="SettingsType"/>.</param>
    void ConfigureServices(IServiceCollection services, object settings)
    {
    }
}
