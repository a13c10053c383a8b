using EventBroker.Auth.DenyAll;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Plugins;

[assembly: EventBrokerPlugin(typeof(DenyAllPlugin))]

namespace EventBroker.Auth.DenyAll;

/// <summary>Makes authorizers that deny every call: closes a broker without taking it down.</summary>
public sealed class DenyAllPlugin : AuthorizerPlugin<NoSettings>
{
    /// <inheritdoc/>
    protected override ValueTask<IAuthorizer> CreateAsync(NoSettings settings, PluginContext context, CancellationToken cancellationToken) =>
        new(new DenyAllAuthorizer());
}
