using System.Text.Json;
using EventBroker.Sdk.Plugins;
using EventBroker.Sdk.Settings;
using EventBroker.Sdk.Transports;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventBroker.Transport.Memory.Tests;

public sealed class PluginTests
{
    [Fact]
    public void The_manifest_names_what_the_code_declares()
    {
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "memory.plugin.json")));
        var named = manifest.RootElement.GetProperty("capabilities").EnumerateArray().Select(static c => c.GetString());
        using var meter = new System.Diagnostics.Metrics.Meter("tests");
        var capabilities = new MemoryTransport("m", new MemorySettings(), TimeProvider.System, meter, NullLogger.Instance).Capabilities;
        var declared = capabilities.Declared.Select(static c => JsonNamingPolicy.KebabCaseLower.ConvertName(c.ToString()));
        Assert.Equal(declared.Order(), named.Order());
        Assert.Equal(
            manifest.RootElement.GetProperty("entryAssembly").GetString(),
            typeof(MemoryTransportPlugin).Assembly.GetName().Name + ".dll");
    }

    [Fact]
    public async Task The_plugin_makes_a_transport_from_its_settings()
    {
        using var meter = new System.Diagnostics.Metrics.Meter("tests");
        await using var services = new ServiceCollection().BuildServiceProvider();
        ITransportPlugin plugin = new MemoryTransportPlugin();
        Assert.Equal(typeof(MemorySettings), plugin.SettingsType);
        var transport = await plugin.CreateAsync(
            new MemorySettings(),
            new PluginContext
            {
                Name = "local",
                Directory = AppContext.BaseDirectory,
                Services = services,
                Logger = NullLogger.Instance,
                Meter = meter,
                TimeProvider = TimeProvider.System,
            },
            CancellationToken.None);
        await transport.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        Assert.Equal(["e"], await transport.ListAsync(CancellationToken.None));
        await transport.DisposeAsync();
    }

    [Fact]
    public void Settings_are_written_with_units_and_checked_against_their_ranges()
    {
        var errors = new List<SettingsError>();
        var settings = Bind(errors, ("retention", "90s"), ("maxBytesPerEvent", "16MiB"), ("maxTotalBytes", "2GiB"), ("groupExpiry", "1m"), ("maxWaitingBytes", "1MiB"));
        Assert.Empty(errors);
        Assert.Equal(TimeSpan.FromSeconds(90), settings!.Retention);
        Assert.Equal(16 << 20, settings.MaxBytesPerEvent.Bytes);
        Assert.Equal(2L << 30, settings.MaxTotalBytes.Bytes);
        Assert.Equal(TimeSpan.FromMinutes(1), settings.GroupExpiry);
        Assert.Equal(1 << 20, settings.MaxWaitingBytes.Bytes);
        Bind(errors, ("retention", "10ms"), ("maxBytesPerEvent", "1KiB"), ("maxMessagesPerEvent", "0"), ("groupExpiry", "59s"), ("maxWaitingBytes", "1KiB"));
        Assert.Equal(5, errors.Count);
    }

    private static MemorySettings? Bind(List<SettingsError> errors, params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(static s => KeyValuePair.Create<string, string?>(s.Key, s.Value)))
            .Build();
        SettingsBinder.TryBind<MemorySettings>(configuration, "settings", errors, out var bound);
        return bound;
    }
}
