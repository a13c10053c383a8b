using System.Net;
using EventBroker.Auth.AllowAll;
using EventBroker.Auth.DenyAll;
using EventBroker.Auth.Roles;
using EventBroker.Interceptor.Logging;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Conformance.Authorizers;
using EventBroker.Sdk.Conformance.Callers;
using EventBroker.Sdk.Conformance.Interceptors;
using EventBroker.Sdk.Interception;
using EventBroker.Sdk.Plugins;

namespace Plugins.Tests;

public sealed class AllowAllConformanceTests : AuthorizerConformanceTests<AllowAllConformanceTests.AllowAll>
{
    public sealed class AllowAll : AuthorizerFixture
    {
        public override IReadOnlyList<AuthorizerCase> Allowed => [new(), new() { Operation = BrokerOperation.Admin, EventName = "" }];

        public override IReadOnlyList<AuthorizerCase> Denied => [];

        public override ValueTask<IAuthorizer> CreateAsync() =>
            ((IAuthorizerPlugin)new AllowAllPlugin()).CreateAsync(new NoSettings(), PluginStarter.Context(), default);
    }
}

public sealed class DenyAllConformanceTests : AuthorizerConformanceTests<DenyAllConformanceTests.DenyAll>
{
    public sealed class DenyAll : AuthorizerFixture
    {
        public override IReadOnlyList<AuthorizerCase> Allowed => [];

        public override IReadOnlyList<AuthorizerCase> Denied => [new(), new() { Operation = BrokerOperation.Admin, EventName = "" }];

        public override ValueTask<IAuthorizer> CreateAsync() =>
            ((IAuthorizerPlugin)new DenyAllPlugin()).CreateAsync(new NoSettings(), PluginStarter.Context(), default);
    }
}

public sealed class RolesConformanceTests : AuthorizerConformanceTests<RolesConformanceTests.Roles>
{
    public sealed class Roles : AuthorizerFixture
    {
        public override IReadOnlyList<AuthorizerCase> Allowed =>
        [
            new() { Caller = static () => With("shop") },
            new() { Caller = static () => With("nobody, shop"), Operation = BrokerOperation.Settle },
        ];

        public override IReadOnlyList<AuthorizerCase> Denied =>
        [
            new(),
            new() { Caller = static () => With("somebody-else") },
            new() { Caller = static () => With("shop"), Operation = BrokerOperation.Unregister },
        ];

        public override ValueTask<IAuthorizer> CreateAsync() => ((IAuthorizerPlugin)new RolesPlugin()).CreateAsync(
            new RolesSettings
            {
                Header = "x-role",
                Rules = [new RoleRule { Role = "shop", Operations = ["publish", "subscribe"], Events = ["orders"] }],
            },
            PluginStarter.Context(),
            default);

        private static TestCaller With(string roles) => new() { Address = IPAddress.Loopback, Headers = new Dictionary<string, string> { ["X-Role"] = roles } };
    }
}

public sealed class LoggingConformanceTests : InterceptorConformanceTests<LoggingConformanceTests.Logging>
{
    public sealed class Logging : InterceptorFixture
    {
        public override ValueTask<IInterceptor> CreateAsync() =>
            ((IInterceptorPlugin)new LoggingPlugin()).CreateAsync(new LoggingSettings(), PluginStarter.Context(new ShownLogger()), default);
    }
}
