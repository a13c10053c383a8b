using EventBroker.Auth.AllowAll;
using EventBroker.Auth.DenyAll;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Plugins;

namespace Plugins.Tests;

public sealed class AuthorizerTests
{
    [Theory]
    [InlineData(BrokerOperation.Publish)]
    [InlineData(BrokerOperation.Subscribe)]
    [InlineData(BrokerOperation.Settle)]
    [InlineData(BrokerOperation.Register)]
    [InlineData(BrokerOperation.Unregister)]
    [InlineData(BrokerOperation.List)]
    [InlineData(BrokerOperation.Admin)]
    public async Task Allow_all_allows_and_deny_all_denies_every_operation(BrokerOperation operation)
    {
        Assert.True((await AskAsync(new AllowAllPlugin(), operation)).IsAllowed);
        var denied = await AskAsync(new DenyAllPlugin(), operation);
        Assert.False(denied.IsAllowed);
        Assert.Equal(BrokerErrorCode.PermissionDenied, denied.Code);
    }

    private static async Task<AuthorizationDecision> AskAsync(IAuthorizerPlugin plugin, BrokerOperation operation)
    {
        var authorizer = await plugin.CreateAsync(new NoSettings(), PluginStarter.Context(), default);
        return await authorizer.AuthorizeAsync(
            new AuthorizationRequest { Caller = new FakeCaller(), Operation = operation, EventName = "orders", WorkerGroup = "" }, default);
    }
}
