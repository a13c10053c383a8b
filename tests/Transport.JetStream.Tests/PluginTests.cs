using System.Text.Json;
using EventBroker.Nats.Tests;
using EventBroker.Sdk.Plugins;
using EventBroker.Sdk.Settings;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.JetStream.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventBroker.Transport.JetStream.Tests;

public sealed class PluginTests
{
    [Fact]
    public async Task The_plugin_makes_a_transport_from_its_settings_that_can_do_what_the_manifest_names()
    {
        await using var server = await NatsServer.StartAsync("-js");
        using var meter = new System.Diagnostics.Metrics.Meter("tests");
        await using var services = new ServiceCollection().BuildServiceProvider();
        ITransportPlugin plugin = new JetStreamTransportPlugin();
        Assert.Equal(typeof(JetStreamSettings), plugin.SettingsType);
        await using var transport = await plugin.CreateAsync(
            new JetStreamSettings { Servers = [server.Address] },
            new PluginContext
            {
                Name = "t",
                Directory = AppContext.BaseDirectory,
                Services = services,
                Logger = NullLogger.Instance,
                Meter = meter,
                TimeProvider = TimeProvider.System,
            },
            CancellationToken.None);
        await transport.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        Assert.Equal(["e"], await transport.ListAsync(CancellationToken.None));

        using var manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "jetstream.plugin.json")));
        var named = manifest.RootElement.GetProperty("capabilities").EnumerateArray().Select(static c => c.GetString());
        var declared = transport.Capabilities.Declared.Select(static c => JsonNamingPolicy.KebabCaseLower.ConvertName(c.ToString()));
        Assert.Equal(declared.Order(), named.Order());
        Assert.Equal(
            manifest.RootElement.GetProperty("entryAssembly").GetString(),
            typeof(JetStreamTransportPlugin).Assembly.GetName().Name + ".dll");
    }

    [Fact]
    public void Servers_alone_are_enough()
    {
        var errors = new List<SettingsError>();
        Assert.Equal(["nats://a:4222", "tls://b:4222"], Bind(errors, ("servers:0", "nats://a:4222"), ("servers:1", "tls://b:4222"))!.Servers);
        Assert.Empty(errors);
    }

    [Theory]
    [InlineData("servers:0", "http://a", "nats://")]
    [InlineData("servers:0", "nats://u:p@a", "settings of their own")]
    [InlineData("servers:0", "nats://a,nats://b", "single address")]
    [InlineData("user", "u", "password")]
    [InlineData("nKeySeed", "x", "SU")]
    [InlineData("credentialsFile", "/does/not/exist", "does not exist")]
    [InlineData("subjectPrefix", "a.*", "tokens")]
    [InlineData("requestTimeout", "1ms", "requestTimeout")]
    public void A_mistake_is_named(string key, string value, string word)
    {
        var errors = new List<SettingsError>();
        Bind(errors, key.StartsWith("servers", StringComparison.Ordinal) ? [(key, value)] : [("servers:0", "nats://a"), (key, value)]);
        Assert.Contains(word, string.Join('\n', errors.Select(static e => e.Path + ": " + e.Message)), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_ways_to_log_in_are_one_too_many()
    {
        var errors = new List<SettingsError>();
        Bind(errors, ("servers:0", "nats://a"), ("token", "t"), ("user", "u"), ("password", "p"));
        Assert.Contains("user, token", Assert.Single(errors).Message, StringComparison.Ordinal);
    }

    private static JetStreamSettings? Bind(List<SettingsError> errors, params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(static s => KeyValuePair.Create<string, string?>(s.Key, s.Value)))
            .Build();
        SettingsBinder.TryBind<JetStreamSettings>(configuration, "settings", errors, out var bound);
        return bound;
    }
}
