using System.Net;
using System.Text;
using EventBroker.Auth.Roles;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Plugins;
using EventBroker.Sdk.Settings;
using Microsoft.Extensions.Configuration;

namespace Plugins.Tests;

public sealed class RolesTests
{
    private const string Rules = """
        {
          "rules": [
            { "role": "shop", "operations": ["publish", "subscribe"], "events": ["orders.*", "stock"] },
            { "role": "ops", "operations": ["*"] },
            { "role": "keeper", "operations": ["describe", "seek"], "events": ["orders.*"] },
            { "role": "viewer", "operations": ["list"], "events": ["nothing"] },
            { "role": "*", "operations": ["publish"], "events": ["open.*.log"] }
          ]
        }
        """;

    [Theory]
    [InlineData("shop", BrokerOperation.Publish, "orders.created", true)]
    [InlineData("shop", BrokerOperation.Publish, "stock", true)]
    [InlineData("shop", BrokerOperation.Publish, "stocks", false)]
    [InlineData("shop", BrokerOperation.Subscribe, "orders.created", true)]
    [InlineData("shop", BrokerOperation.Settle, "orders.created", true)]
    [InlineData("shop", BrokerOperation.Settle, "other", false)]
    [InlineData("shop", BrokerOperation.Register, "orders.created", false)]
    [InlineData("shop", BrokerOperation.List, "", false)]
    [InlineData("Shop", BrokerOperation.Publish, "stock", false)]
    [InlineData("viewer", BrokerOperation.List, "", true)]
    [InlineData("viewer", BrokerOperation.Admin, "", false)]
    [InlineData("shop", BrokerOperation.Seek, "orders.created", false)]
    [InlineData("shop", BrokerOperation.Describe, "orders.created", false)]
    [InlineData("viewer", BrokerOperation.Describe, "stock", false)]
    [InlineData("keeper", BrokerOperation.Describe, "orders.created", true)]
    [InlineData("keeper", BrokerOperation.Seek, "orders.created", true)]
    [InlineData("keeper", BrokerOperation.Seek, "stock", false)]
    [InlineData("keeper", BrokerOperation.Subscribe, "orders.created", false)]
    [InlineData("keeper", BrokerOperation.List, "", false)]
    [InlineData("ops", BrokerOperation.Seek, "anything", true)]
    [InlineData("ops", BrokerOperation.Admin, "", true)]
    [InlineData("ops", BrokerOperation.Unregister, "anything", true)]
    [InlineData("nobody, shop", BrokerOperation.Publish, "stock", true)]
    [InlineData(" shop ,nobody", BrokerOperation.Publish, "stock", true)]
    [InlineData("anybody", BrokerOperation.Publish, "open.a.log", true)]
    [InlineData("anybody", BrokerOperation.Publish, "open.a.logs", false)]
    [InlineData(",", BrokerOperation.Publish, "open.a.log", false)]
    public async Task A_role_may_do_what_a_rule_says(string roles, BrokerOperation operation, string eventName, bool allowed)
    {
        var decision = await AskAsync(Rules, "x-role", roles, operation, eventName);

        Assert.Equal(allowed, decision.IsAllowed);
        Assert.Equal(allowed ? null : BrokerErrorCode.PermissionDenied, decision.Code);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    public async Task A_caller_without_the_header_is_not_authenticated(string? value) =>
        Assert.Equal(BrokerErrorCode.Unauthenticated, (await AskAsync(Rules, "x-role", value, BrokerOperation.Publish, "stock")).Code);

    [Fact]
    public async Task The_header_is_configurable() =>
        Assert.True((await AskAsync("""{ "header": "x-groups", "rules": [ { "role": "a", "operations": ["*"] } ] }""", "x-groups", "a", BrokerOperation.List, "")).IsAllowed);

    [Theory]
    [InlineData("", "127.0.0.1", true)]
    [InlineData("", "::1", true)]
    [InlineData("", null, true)]
    [InlineData("", "10.1.2.3", false)]
    [InlineData("10.1.2.3", "10.1.2.3", true)]
    [InlineData("10.1.2.3", "::ffff:10.1.2.3", true)]
    [InlineData("10.1.2.3", "10.1.2.4", false)]
    [InlineData("10.1.2.3", "127.0.0.1", false)]
    [InlineData("10.1.0.0/16", "10.1.255.4", true)]
    [InlineData("10.1.0.0/16", "10.2.0.1", false)]
    [InlineData("fd00::/8", "fd12::1", true)]
    [InlineData("fd00::/8", "::ffff:10.1.2.3", false)]
    public async Task Roles_are_believed_from_a_proxy_or_from_this_machine(string proxies, string? address, bool believed)
    {
        var settings = proxies.Length == 0 ? "" : $"\"proxies\": [ \"192.0.2.9\", \"{proxies}\" ],";
        var caller = new FakeCaller("x-role", "ops", address is null ? null : IPAddress.Parse(address));

        var decision = await AuthenticateAsync(settings, caller);

        Assert.Equal(believed ? null : BrokerErrorCode.Unauthenticated, decision.Code);
    }

    [Theory]
    [InlineData("0123456789abcdef", "10.1.2.3", true)]
    [InlineData("0123456789abcdeF", "10.1.2.3", false)]
    [InlineData("0123456789abcdef0", "127.0.0.1", false)]
    [InlineData(null, "127.0.0.1", false)]
    public async Task Roles_are_believed_with_the_proxys_secret(string? secret, string address, bool believed)
    {
        (string, string)[] headers = secret is null ? [] : [("x-proxy-secret", secret)];

        var decision = await AuthenticateAsync("\"sharedSecret\": \"0123456789abcdef\",", new FakeCaller("x-role", "ops", IPAddress.Parse(address), headers));

        Assert.Equal(believed ? null : BrokerErrorCode.Unauthenticated, decision.Code);
    }

    [Fact]
    public async Task With_proxies_and_a_secret_both_are_needed()
    {
        const string Settings = "\"proxies\": [ \"10.1.2.3\" ], \"sharedSecret\": \"0123456789abcdef\",";
        (string, string)[] secret = [("x-proxy-secret", "0123456789abcdef")];

        Assert.True((await AuthenticateAsync(Settings, new FakeCaller("x-role", "ops", IPAddress.Parse("10.1.2.3"), secret))).IsAllowed);
        Assert.False((await AuthenticateAsync(Settings, new FakeCaller("x-role", "ops", IPAddress.Parse("10.1.2.3")))).IsAllowed);
        Assert.False((await AuthenticateAsync(Settings, new FakeCaller("x-role", "ops", IPAddress.Parse("10.1.2.4"), secret))).IsAllowed);
    }

    [Fact]
    public async Task A_header_that_comes_twice_is_a_denial()
    {
        var twice = await AuthenticateAsync("", new FakeCaller("x-role", "ops", null, ("x-role", "shop")));
        var secretTwice = await AuthenticateAsync(
            "\"sharedSecret\": \"0123456789abcdef\",",
            new FakeCaller("x-role", "ops", null, ("x-proxy-secret", "0123456789abcdef"), ("x-proxy-secret", "0123456789abcdef")));

        Assert.Equal("the header with the roles came twice", twice.Reason);
        Assert.Equal("the proxy's secret is missing or came twice", secretTwice.Reason);
    }

    [Fact]
    public async Task A_caller_without_roles_is_nothing_to_object_to() =>
        Assert.True((await AuthenticateAsync("\"proxies\": [ \"10.1.2.3\" ],", new FakeCaller(address: IPAddress.Parse("192.0.2.1")))).IsAllowed);

    [Fact]
    public async Task The_message_for_the_caller_does_not_tell_the_rules()
    {
        var decision = await AskAsync(Rules, "x-role", "shop", BrokerOperation.Register, "secret.event");

        Assert.Equal("permission denied", decision.Message);
        Assert.Equal("no rule lets its roles Register 'secret.event'", decision.Reason);
    }

    [Fact]
    public async Task An_allowed_call_completes_at_once_and_allocates_nothing()
    {
        var authorizer = await CreateAsync(Rules);
        var request = new AuthorizationRequest
        {
            Caller = new FakeCaller("x-role", "nobody,shop"),
            Operation = BrokerOperation.Publish,
            EventName = "orders.created",
            WorkerGroup = "",
        };
        Assert.True(IsAllowedAtOnce());

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var call = 0; call < 100; call++)
        {
            IsAllowedAtOnce();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        bool IsAllowedAtOnce()
        {
            var decision = authorizer.AuthorizeAsync(request, default);
            return decision.IsCompletedSuccessfully && decision is { Result.IsAllowed: true };
        }
    }

    [Fact]
    public void Wrong_operations_patterns_and_missing_rules_are_reported()
    {
        Assert.Equal(
            [
                "$.rules[0].events: has 'a/b': a pattern has 1 to 200 characters out of A-Z a-z 0-9 . _ - and *, which stands for any characters",
                "$.rules[0].operations: has '3'; known are publish, subscribe, settle, register, unregister, list, describe, seek, admin and *",
                "$.rules[0].operations: has 'write'; known are publish, subscribe, settle, register, unregister, list, describe, seek, admin and *",
                "$.rules[1].operations: must name at least one operation",
                "$.rules[1].role: is required",
            ],
            Errors("""{ "rules": [ { "role": "a", "operations": ["write", "3"], "events": ["a/b"] }, { } ] }"""));
        Assert.Equal(["$.rules: must have at least one rule: without any, every call is denied"], Errors("{}"));
        Assert.Equal(
            [
                "$.proxies: has '10.1.0.0/33', which is no address such as 10.1.2.3 and no network such as 10.1.0.0/16",
                "$.proxies: has 'proxy', which is no address such as 10.1.2.3 and no network such as 10.1.0.0/16",
                "$.sharedSecret: must have 16 to 300 characters",
            ],
            Errors("""{ "proxies": [ "proxy", "10.1.0.0/33", "::1" ], "sharedSecret": "short", "rules": [ { "role": "a", "operations": ["*"] } ] }"""));
    }

    private static string[] Errors(string json)
    {
        var errors = new List<SettingsError>();
        SettingsBinder.TryBind<RolesSettings>(Configuration(json), SettingsPath.Root, errors, out _);
        return [.. errors.Select(static e => e.ToString()).Order(StringComparer.Ordinal)];
    }

    private static IConfiguration Configuration(string json) =>
        new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();

    private static async Task<IAuthorizer> CreateAsync(string json)
    {
        var errors = new List<SettingsError>();
        Assert.True(SettingsBinder.TryBind<RolesSettings>(Configuration(json), SettingsPath.Root, errors, out var settings), string.Join('\n', errors));
        return await ((IAuthorizerPlugin)new RolesPlugin()).CreateAsync(settings, PluginStarter.Context(), default);
    }

    private static async Task<AuthorizationDecision> AuthenticateAsync(string settings, FakeCaller caller)
    {
        var authorizer = await CreateAsync($$"""{ {{settings}} "rules": [ { "role": "ops", "operations": ["*"] } ] }""");
        return await authorizer.AuthenticateAsync(caller, default);
    }

    private static async Task<AuthorizationDecision> AskAsync(string json, string header, string? value, BrokerOperation operation, string eventName)
    {
        var authorizer = await CreateAsync(json);
        return await authorizer.AuthorizeAsync(
            new AuthorizationRequest { Caller = new FakeCaller(header, value), Operation = operation, EventName = eventName, WorkerGroup = "" }, default);
    }
}
