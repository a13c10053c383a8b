using System.Net;
using System.Text.Json;

namespace EventBroker.PluginHosting.Tests.Process;

// What the host tells: on the command line, in its log, in its language.
public sealed class HostCommandTests : IDisposable
{
    private const string Loopback = "\"listen\": { \"grpc\": \"http://127.0.0.1:0\", \"http\": \"http://127.0.0.1:0\" }";
    private const string Memory = "\"transports\": { \"local\": { \"plugin\": \"memory\" } }, \"routes\": [ { \"events\": \"*\", \"transport\": \"local\" } ]";
    private const string AllowAll = "\"authorizers\": [ { \"plugin\": \"allow-all\" } ]";

    private static readonly string Shipped = Path.Combine(Path.GetDirectoryName(HostProcess.Binary)!, "plugins");

    private readonly FixtureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Check_says_ok_and_starts_nothing()
    {
        _folder.Add("ThrowsOnCreate");
        FixtureFolder.CopyTree(Path.Combine(Path.GetDirectoryName(HostProcess.Binary)!, "plugins", "memory"), Path.Combine(_folder.Plugins, "memory"));
        File.WriteAllText(
            Path.Combine(_folder.Root, "plugins.json"),
            $$"""{ {{Loopback}}, {{Memory}}, "pluginsDirectory": "{{_folder.Plugins}}", "authorizers": [ { "plugin": "throws-on-create" } ] }""");
        await using var host = HostProcess.Start(_folder.Root, ["--check"]);

        var (exitCode, errors) = await host.WaitForExitAsync();

        Assert.Equal((0, "", "ok"), (exitCode, errors, host.Output.Trim()));
    }

    [Fact]
    public async Task A_transport_whose_folder_is_gone_is_named_with_those_that_are_there()
    {
        FixtureFolder.CopyTree(Path.Combine(Shipped, "memory"), Path.Combine(_folder.Plugins, "memory"));
        File.WriteAllText(
            Path.Combine(_folder.Root, "plugins.json"),
            $$"""
            {
              {{Loopback}}, {{AllowAll}}, "pluginsDirectory": "{{_folder.Plugins}}",
              "transports": { "shop": { "plugin": "kafka", "settings": { "bootstrapServers": "localhost:9092" } } },
              "routes": [ { "events": "*", "transport": "shop" } ]
            }
            """);
        await using var host = HostProcess.Start(_folder.Root, ["--check"]);

        var (exitCode, errors) = await host.WaitForExitAsync();

        Assert.Equal(1, exitCode);
        Assert.Contains("$.transports.shop.plugin: there is no plugin 'kafka'", errors, StringComparison.Ordinal);
        Assert.Contains(_folder.Plugins, errors, StringComparison.Ordinal);
        Assert.Contains("transport plugins there: memory", errors, StringComparison.Ordinal);
    }

    // What is published for one platform: everything but the native libraries of the others.
    [Fact]
    public void What_the_kafka_transport_brings_for_one_platform_is_below_45_megabytes()
    {
        var folder = Path.Combine(Shipped, "kafka");
        var others = Path.Combine(folder, "runtimes") + Path.DirectorySeparatorChar;
        var own = Path.Combine(others, "linux-x64") + Path.DirectorySeparatorChar;
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(f => !f.StartsWith(others, StringComparison.Ordinal) || f.StartsWith(own, StringComparison.Ordinal))
            .ToList();

        Assert.Contains(files, static f => f.EndsWith("librdkafka.so", StringComparison.Ordinal));
        Assert.InRange(files.Sum(static f => new FileInfo(f).Length), 1, 45_000_000);
    }

    [Fact]
    public async Task Check_tells_all_mistakes()
    {
        File.WriteAllText(Path.Combine(_folder.Root, "plugins.json"), $$"""{ {{Memory}}, "heartbeat": "1h30m", "authorizers": [ { "plugin": "nobody" } ] }""");
        await using var host = HostProcess.Start(_folder.Root, ["--check"]);

        var (exitCode, errors) = await host.WaitForExitAsync();

        Assert.Equal((1, ""), (exitCode, host.Output.Trim()));
        Assert.Contains("$.heartbeat: ", errors, StringComparison.Ordinal);
        Assert.Contains("$.authorizers[0].plugin: there is no plugin 'nobody'", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help", 0, "Usage: ")]
    [InlineData("--version", 0, "EventBroker 0.1.0, SDK contract 2.")]
    [InlineData("--polish", 1, "'--polish' is not understood.")]
    [InlineData("serve", 1, "'serve' is not understood.")]
    public async Task The_command_line_explains_itself(string argument, int expected, string text)
    {
        // In a folder without a configuration.
        await using var host = HostProcess.Start(_folder.Root, [argument]);

        var (exitCode, errors) = await host.WaitForExitAsync();

        Assert.Equal(expected, exitCode);
        Assert.Contains(text, expected == 0 ? host.Output : errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("error")]
    public async Task A_level_holds_for_the_framework_too(string level)
    {
        await using var host = Start($$"""{ {{Loopback}}, {{Memory}}, {{AllowAll}}, "logging": { "level": "{{level}}" } }""");
        await host.WaitUntilReadyAsync();
        var banner = host.Output;
        using var client = new HttpClient { BaseAddress = host.AddressOf("gRPC (HTTP/2 without TLS)") };
        using var request = new HttpRequestMessage(HttpMethod.Post, "event.v1.EventService/Publish")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([0, 0, 0, 0, 9, 1]),
        };
        request.Content.Headers.ContentType = new("application/grpc");
        using var response = await client.SendAsync(request);

        host.Terminate();
        await host.WaitForExitAsync();

        var said = host.Output[banner.Length..];
        Assert.DoesNotContain(" WRN ", said, StringComparison.Ordinal);
        Assert.DoesNotContain(" INF ", said, StringComparison.Ordinal);
        Assert.True(level == "error" || said.Trim().Length == 0, said);
    }

    [Fact]
    public async Task Lines_for_people_carry_date_and_offset()
    {
        await using var host = Start($"{{ {Loopback}, {Memory}, {AllowAll} }}", ("TZ", "Asia/Kathmandu"));
        await host.WaitUntilReadyAsync();

        host.Terminate();
        await host.WaitForExitAsync();

        Assert.Matches(@"(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \+05:45 INF Stopped", host.Output);
    }

    [Theory]
    [InlineData("C")]
    [InlineData("de_DE.UTF-8")]
    [InlineData("sv_SE.UTF-8")]
    public async Task A_plugin_has_its_cultures_and_the_broker_writes_the_same_in_every_language(string language)
    {
        _folder.Add("UsesCulture");
        FixtureFolder.CopyTree(Path.Combine(Path.GetDirectoryName(HostProcess.Binary)!, "plugins", "memory"), Path.Combine(_folder.Plugins, "memory"));
        await using var host = Start(
            $$"""{ {{Loopback}}, {{Memory}}, "pluginsDirectory": "{{_folder.Plugins}}", "authorizers": [ { "plugin": "uses-culture" } ] }""",
            ("LC_ALL", language), ("LANG", language));
        await host.WaitUntilReadyAsync();
        using var client = new HttpClient { BaseAddress = host.AddressOf("REST, WebSocket, SSE") };

        using var denied = JsonDocument.Parse(await (await client.GetAsync("/v1/events")).Content.ReadAsStringAsync());
        using var health = JsonDocument.Parse(await client.GetStringAsync("/v1/health"));

        Assert.Equal("verweigert 1.234,5 1.5", denied.RootElement.GetProperty("message").GetString());
        Assert.Matches(@"^\d+(\.\d+)?ms$", health.RootElement.GetProperty("details").GetProperty("latency").GetString());
    }

    private HostProcess Start(string json, params (string Name, string Value)[] variables)
    {
        var file = Path.Combine(_folder.Root, "plugins.json");
        File.WriteAllText(file, json);
        return HostProcess.Start(_folder.Root, ["--config", file], variables);
    }
}
