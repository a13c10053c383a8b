namespace EventBroker.PluginHosting.Tests.Process;

// Plugins that do not come back, and one that takes the process with it.
public sealed class HangingPluginTests : IDisposable
{
    private readonly FixtureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("start")]
    [InlineData("start-blocked")]
    public async Task A_plugin_that_hangs_in_its_start_stops_the_host_with_an_error_that_names_it(string where)
    {
        await using var host = Start("Hangs", "hangs", where);

        var (exitCode, errors) = await host.WaitForExitAsync();

        Assert.Equal(1, exitCode);
        Assert.StartsWith("EventBroker can't start. ", errors, StringComparison.Ordinal);
        Assert.Contains("$.authorizers[0]: plugin 'hangs'", errors, StringComparison.Ordinal);
        Assert.Contains("it did not start within pluginTimeout (5s)", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HangsInConstructor", "hangs-in-constructor", null, "$.authorizers[0].plugin")]
    [InlineData("Hangs", "hangs", "settings", "$.authorizers[0].settings")]
    public async Task A_plugin_that_hangs_before_its_start_stops_the_host_with_an_error_that_names_it(string fixture, string id, string? where, string path)
    {
        await using var host = Start(fixture, id, where);

        var (exitCode, errors) = await host.WaitForExitAsync();

        Assert.Equal(1, exitCode);
        Assert.Contains($"{path}: plugin '{id}'", errors, StringComparison.Ordinal);
        Assert.Contains("it did not come back within pluginTimeout (5s)", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_is_told_to_stop_while_a_plugin_is_loaded_stops()
    {
        await using var host = Start("HangsInConstructor", "hangs-in-constructor", null, timeout: "1h");
        await host.WaitForLineAsync("hangs in constructor");

        host.Terminate();

        Assert.Equal((0, ""), await host.WaitForExitAsync());
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("stop-blocked")]
    public async Task A_plugin_that_hangs_in_its_stop_is_left_behind_with_a_line_in_the_log(string where)
    {
        await using var host = Start("Hangs", "hangs", where);
        await host.WaitUntilReadyAsync();

        host.Terminate();
        var (exitCode, errors) = await host.WaitForExitAsync();

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains("Plugin hangs did not stop hangs[0] within pluginTimeout (00:00:05)", host.Output, StringComparison.Ordinal);
        Assert.Contains("Stopped", host.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("start")]
    [InlineData("start-blocked")]
    public async Task A_host_that_is_told_to_stop_in_the_middle_of_its_start_stops_cleanly(string where)
    {
        await using var host = Start("Hangs", "hangs", where, timeout: "1h");
        await host.WaitForLineAsync("hangs in");

        host.Terminate();
        var (exitCode, errors) = await host.WaitForExitAsync();

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains("Stopped", host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plugin_that_starts_although_nobody_waits_for_it_any_more_is_stopped_again()
    {
        await using var host = Start("Hangs", "hangs", "start-late", timeout: "1h");
        await host.WaitForLineAsync("waits to be given up");

        host.Terminate();
        var (exitCode, errors) = await host.WaitForExitAsync();

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains("stopped after all", host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_exception_on_a_thread_of_a_plugin_is_logged_before_it_ends_the_process()
    {
        await using var host = Start("ThrowsInBackground", "throws-in-background", null, timeout: "1m");
        await host.WaitUntilReadyAsync();
        using var client = new HttpClient { BaseAddress = host.AddressOf("REST, WebSocket, SSE") };

        // The answer may still come, or not.
        await Record.ExceptionAsync(() => client.GetAsync("/v1/events"));
        var (exitCode, _) = await host.WaitForExitAsync();

        Assert.Equal(70, exitCode);
        Assert.Contains("on a thread of EventBroker.ThrowsInBackground, ends the broker", host.Output, StringComparison.Ordinal);
        Assert.Contains("InvalidOperationException: no luck in the background", host.Output, StringComparison.Ordinal);
    }

    private HostProcess Start(string fixture, string id, string? where, string timeout = "5s")
    {
        _folder.Add(fixture);
        FixtureFolder.CopyTree(Path.Combine(Path.GetDirectoryName(HostProcess.Binary)!, "plugins", "memory"), Path.Combine(_folder.Plugins, "memory"));
        var settings = where is null ? "" : $$""", "settings": { "in": "{{where}}" }""";
        var file = Path.Combine(_folder.Root, "plugins.json");
        File.WriteAllText(file, $$"""
            {
              "listen": { "grpc": "http://127.0.0.1:0", "http": "http://127.0.0.1:0" },
              "pluginsDirectory": "{{_folder.Plugins}}", "pluginTimeout": "{{timeout}}",
              "transports": { "local": { "plugin": "memory" } }, "routes": [ { "events": "*", "transport": "local" } ],
              "authorizers": [ { "plugin": "{{id}}" {{settings}} } ]
            }
            """);
        return HostProcess.Start(_folder.Root, ["--config", file]);
    }
}
