using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace EventBroker.PluginHosting.Tests.Process;

// The host binary over a log on the disk: what an operator meets.
public sealed class LogTransportTests : IDisposable
{
    private readonly FixtureFolder _folder = new();

    private string Configuration => Path.Combine(_folder.Root, "plugins.json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_published_is_there_after_the_broker_was_killed_and_a_second_broker_is_kept_out()
    {
        await using (var killed = Serve())
        {
            await killed.WaitUntilReadyAsync();
            using var client = new HttpClient { BaseAddress = killed.AddressOf("REST, WebSocket, SSE") };
            using var registered = await client.PostAsync("/v1/events/e", null);
            registered.EnsureSuccessStatusCode();
            Assert.Equal("{\"id\":\"a\"}", await PublishAsync(client));
            Assert.Equal("{\"id\":\"a\",\"duplicate\":true}", await PublishAsync(client));

            await using var second = Run();
            var (exitCode, errors) = await second.WaitForExitAsync();
            Assert.Equal(1, exitCode);
            Assert.Contains("in use by another broker (process ", errors, StringComparison.Ordinal);
        }

        await using var host = Serve();
        await host.WaitUntilReadyAsync();
        using var again = new HttpClient { BaseAddress = host.AddressOf("REST, WebSocket, SSE") };
        Assert.Equal("{\"id\":\"a\",\"duplicate\":true}", await PublishAsync(again));
        using var health = await again.GetFromJsonAsync<JsonDocument>("/v1/health");
        var details = health!.RootElement.GetProperty("details");
        Assert.Equal("1", details.GetProperty("transport.local.retained_messages").GetString());
        Assert.StartsWith("full", details.GetProperty("transport.local.durability").GetString(), StringComparison.Ordinal);

        // Beside the running broker.
        var copy = Path.Combine(_folder.Root, "copy.db");
        Assert.Equal(0, (await RunAsync("--transport", "local", "backup", copy)).ExitCode);
        Assert.True(File.Exists(copy));
        Assert.Contains("Nothing is damaged", await CheckAsync(0), StringComparison.Ordinal);
        var (code, refusal) = await RunAsync("--transport", "local", "repair", Path.Combine(_folder.Root, "new"));
        Assert.Equal(1, code);
        Assert.Contains("in use by another broker", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_log_stops_the_host_and_what_is_readable_is_saved()
    {
        await using (var host = Serve())
        {
            await host.WaitUntilReadyAsync();
            host.Terminate();
            await host.WaitForExitAsync();
        }

        var file = Path.Combine(_folder.Root, "data", "events.db");
        var bytes = await File.ReadAllBytesAsync(file);
        Array.Clear(bytes, 0, 100);
        await File.WriteAllBytesAsync(file, bytes);
        await using var refused = Run();
        var (exitCode, errors) = await refused.WaitForExitAsync();
        Assert.Equal(1, exitCode);
        Assert.Contains($"'{file}' is damaged", errors, StringComparison.Ordinal);
        Assert.Contains("docs/log.md", errors, StringComparison.Ordinal);
        Assert.Contains("DAMAGED", await CheckAsync(1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_are_listed_and_wrong_ones_named()
    {
        Assert.Contains("backup <new file>", (await RunAsync("--transport", "local")).Output, StringComparison.Ordinal);
        var (exitCode, output) = await RunAsync("--transport", "local", "polish");
        Assert.Equal(1, exitCode);
        Assert.Contains("no command 'polish'", output, StringComparison.Ordinal);
        (exitCode, output) = await RunAsync("--transport", "nobody", "check");
        Assert.Equal(1, exitCode);
        Assert.Contains("There is no transport 'nobody' with commands; those that have are local.", output, StringComparison.Ordinal);
        (exitCode, output) = await RunAsync("--polish");
        Assert.Equal(1, exitCode);
        Assert.Contains("Usage:", output, StringComparison.Ordinal);
    }

    private static async Task<string> PublishAsync(HttpClient client)
    {
        using var response = await client.PostAsync("/v1/events/e/messages", new StringContent("{\"id\":\"a\"}"));
        return await response.Content.ReadAsStringAsync();
    }

    private HostProcess Serve() => Run();

    private HostProcess Run(params string[] arguments)
    {
        File.WriteAllText(Configuration, string.Create(CultureInfo.InvariantCulture, $$"""
            {
              "listen": { "grpc": "http://127.0.0.1:0", "http": "http://127.0.0.1:0" },
              "transports": { "local": { "plugin": "log", "settings": { "directory": "{{Path.Combine(_folder.Root, "data")}}" } } },
              "routes": [ { "events": "*", "transport": "local" } ],
              "authorizers": [ { "plugin": "allow-all" } ]
            }
            """));
        return HostProcess.Start(_folder.Root, ["--config", Configuration, .. arguments]);
    }

    private async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        await using var host = Run(arguments);
        var (exitCode, errors) = await host.WaitForExitAsync();
        return (exitCode, host.Output + errors);
    }

    private async Task<string> CheckAsync(int expected)
    {
        var (exitCode, output) = await RunAsync("--transport", "local", "check");
        Assert.True(exitCode == expected, output);
        return output;
    }
}
