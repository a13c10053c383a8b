using EventBroker.Auth.Roles;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Plugins;

[assembly: EventBrokerPlugin(typeof(RolesPlugin))]

namespace EventBroker.Auth.Roles;

/// <summary>Makes authorizers that decide by role, operation and event name.</summary>
public sealed class RolesPlugin : AuthorizerPlugin<RolesSettings>
{
    /// <inheritdoc/>
    protected override ValueTask<IAuthorizer> CreateAsync(RolesSettings settings, PluginContext context, CancellationToken cancellationToken) =>
        new(new RolesAuthorizer(settings));
}
