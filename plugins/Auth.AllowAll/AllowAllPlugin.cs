using EventBroker.Auth.AllowAll;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Plugins;

[assembly: EventBrokerPlugin(typeof(AllowAllPlugin))]

namespace EventBroker.Auth.AllowAll;

/// <summary>Makes authorizers that allow every call.</summary>
public sealed class AllowAllPlugin : AuthorizerPlugin<NoSettings>
{
    /// <inheritdoc/>
    protected override ValueTask<IAuthorizer> CreateAsync(NoSettings settings, PluginContext context, CancellationToken cancellationToken) =>
        new(new AllowAllAuthorizer());
}
