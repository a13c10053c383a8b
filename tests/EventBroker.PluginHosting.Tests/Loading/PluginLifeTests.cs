using System.Diagnostics.Metrics;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Plugins;
using EventBroker.Sdk.Settings;
using Microsoft.Extensions.Time.Testing;

namespace EventBroker.PluginHosting.Tests.Loading;

// What is made of a plugin, from its start to its end.
public sealed class PluginLifeTests : IDisposable
{
    private const string Host = "EventBroker.PluginHosting.PluginHost";

    private readonly FixtureFolder _folder = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly LogLines _log = new();

    public PluginLifeTests() => _folder.Add("Lives");

    public void Dispose()
    {
        _folder.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task All_are_stopped_with_what_is_their_own_in_the_reverse_order_and_none_keeps_another_from_it()
    {
        var host = await StartAsync("""{ "name": "a" }""", """{ "name": "b", "stop": "throws" }""", """{ "name": "c", "stop": "sync" }""");
        Assert.Equal(
            ["lives.lives[0]: made", $"{Host}: Plugin lives 3.2.1 runs as lives[0]", "lives.lives[1]: made"], _log.All[..3]);
        var before = _log.All.Length;
        await host.DisposeAsync();
        Assert.Equal(
            [
                "lives.lives[2]: stopped", "lives: services of c gone",
                "lives.lives[1]: stopped", "lives: services of b gone", $"{Host}: Plugin lives failed to stop lives[1]",
                "lives.lives[0]: stopped", "lives: services of a gone",
            ],
            _log.All[before..]);
        Assert.Empty(host.Authorizers);
        await host.DisposeAsync();
        Assert.Equal(before + 7, _log.All.Length);
    }

    [Fact]
    public async Task Each_has_a_meter_of_its_own_that_ends_with_it()
    {
        var begun = new List<string>();
        var ended = new List<string>();

        // What is there already is of a plugin that did not stop in another test.
        var areOurs = false;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (areOurs && instrument.Meter.Name == "EventBroker.Plugin.lives" && instrument.Meter.Tags is { } tags)
            {
                begun.Add($"{instrument.Meter.Version} {string.Join(", ", tags)}");
                own.EnableMeasurementEvents(instrument, begun[^1]);
            }
        };
        listener.MeasurementsCompleted = (_, state) => ended.Add((string)state!);
        listener.Start();
        areOurs = true;
        await using (await StartAsync("""{ "name": "a" }""", """{ "name": "b" }"""))
        {
            Assert.Equal(["3.2.1 [instance, lives[0]]", "3.2.1 [instance, lives[1]]"], begun);
            Assert.Empty(ended);
        }

        Assert.Equal(begun.AsEnumerable().Reverse(), ended);
    }

    [Fact]
    public async Task One_that_does_not_stop_is_left_behind_after_its_time_and_the_others_stop()
    {
        var host = await StartAsync("""{ "name": "a" }""", """{ "name": "b", "stop": "hangs" }""");
        var stopping = host.DisposeAsync().AsTask();
        await _log.WaitAsync("lives.lives[1]: stopped");
        Assert.False(stopping.IsCompleted);
        await AdvanceUntilAsync(stopping, TimeSpan.FromMinutes(1));
        Assert.Contains($"{Host}: Plugin lives did not stop lives[1] within pluginTimeout (00:01:00); the process ends without it", _log.All);

        // The clock may have gone on so far that this one was left behind as well.
        await _log.WaitAsync("lives: services of a gone");
        Assert.DoesNotContain("lives: services of b gone", _log.All);
    }

    [Theory]
    [InlineData("throws", "InvalidOperationException: no luck in the start")]
    [InlineData("null", "InvalidOperationException: the plugin returned null in place of an instance")]
    [InlineData("services", "InvalidOperationException: no luck with the services")]
    public async Task One_that_does_not_start_is_told_and_nothing_is_left_of_those_before_it(string start, string why)
    {
        var failure = await Assert.ThrowsAsync<PluginStartException>(
            () => StartAsync("""{ "name": "a" }""", $$"""{ "name": "b", "start": "{{start}}" }"""));
        Assert.Equal("$.authorizers[1]", failure.Error.Path);
        Assert.Equal(
            $"plugin 'lives' ({Path.Combine(_folder.Plugins, "Lives", "EventBroker.Lives.dll")}) did not start: {why}; check its settings and what it connects to",
            failure.Error.Message);
        Assert.Contains("lives: services of a gone", _log.All);
        Assert.Equal(start != "services", _log.All.Contains("lives: services of b gone"));
    }

    [Fact]
    public async Task One_that_starts_when_nobody_waits_for_it_any_more_is_stopped_again()
    {
        var starting = StartAsync("""{ "name": "a" }""", """{ "name": "b", "start": "late", "stop": "throws" }""");
        await _log.WaitAsync("lives.lives[1]: made");
        await AdvanceUntilAsync(starting, TimeSpan.FromMinutes(1));
        var failure = await Assert.ThrowsAsync<PluginStartException>(() => starting);
        Assert.Contains("did not start: it did not start within pluginTimeout (1m); check", failure.Error.Message, StringComparison.Ordinal);
        await _log.WaitAsync("lives: services of b gone");
        await _log.WaitAsync($"{Host}: Plugin lives failed to stop lives[1]");
        await _log.WaitAsync("lives: services of a gone");
    }

    [Fact]
    public async Task Whoever_is_told_to_stop_in_the_midst_of_it_stops_what_is_being_started_too()
    {
        using var stopping = new CancellationTokenSource();
        var starting = StartAsync(stopping.Token, """{ "name": "a" }""", """{ "name": "b", "start": "late" }""");
        await _log.WaitAsync("lives.lives[1]: made");
        await stopping.CancelAsync();
        var end = await Assert.ThrowsAsync<OperationCanceledException>(() => starting.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal("told to stop while plugins were starting", end.Message);
        Assert.Equal(stopping.Token, end.CancellationToken);
        Assert.Contains("lives: services of a gone", _log.All);
        Assert.Contains("lives: services of b gone", _log.All);
    }

    [Fact]
    public async Task Each_kind_goes_to_its_own_place_and_what_can_not_be_used_is_told()
    {
        _folder.Add("Transport.Memory");
        _folder.Add("Interceptor.Logging");
        _folder.Add("NoAttribute");
        _folder.Edit("NoAttribute", "plugin.json", static _ => "{");
        var errors = new List<SettingsError>();
        var plan = _folder.Plan(
            """
            {
              "transports": { "one": { "plugin": "memory" }, "two": { "plugin": "memory" } },
              "authorizers": [ { "plugin": "lives" } ],
              "interceptors": [ { "plugin": "logging" } ],
              "routes": [ { "events": "*", "transport": "one" } ]
            }
            """,
            errors);
        Assert.Empty(errors);
        Assert.Empty(plan.Commands);
        await using var host = await plan.StartAsync(_clock, _log, CancellationToken.None);
        Assert.Equal(["one", "two"], host.Transports.Keys.Order());
        Assert.Equal((1, 1), (host.Authorizers.Count, host.Interceptors.Count));
        Assert.Equal(
            [("lives", PluginState.Active, ""), ("logging", PluginState.Active, ""), ("memory", PluginState.Active, "")],
            host.Plugins.Where(static p => p.State == PluginState.Active).Select(static p => (p.Id, p.State, p.Reason)).Order());
        var line = Assert.Single(_log.All, static l => l.Contains("could not be used", StringComparison.Ordinal));
        Assert.StartsWith($"{Host}: Plugin NoAttribute is not configured and could not be used, state Failed: ", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_is_the_transports_whose_name_is_given()
    {
        _folder.Add("Transport.Log");
        _folder.Add("Transport.Memory");
        var errors = new List<SettingsError>();
        var (one, two) = (Path.Combine(_folder.Root, "one"), Path.Combine(_folder.Root, "two"));
        var plan = _folder.Plan(
            $$"""
            {
              "transports": {
                "none": { "plugin": "memory" },
                "one": { "plugin": "log", "settings": { "directory": "{{one}}" } },
                "two": { "plugin": "log", "settings": { "directory": "{{two}}" } }
              },
              "routes": [ { "events": "*", "transport": "one" } ]
            }
            """,
            errors);
        Assert.Empty(errors);
        Assert.Equal(["one", "two"], plan.Commands.Keys.Order());
        var check = Assert.Single(plan.Commands["two"], static c => c.Name == "check");
        await using var output = new StringWriter();
        var refusal = await Assert.ThrowsAsync<BrokerException>(() => plan.RunCommandAsync("two", check, [], output, _clock, CancellationToken.None));
        Assert.Equal($"There is no log in {two} yet.", refusal.Message);
    }

    [Fact]
    public void Settings_that_fail_while_they_are_read_are_told_at_their_place()
    {
        var errors = new List<SettingsError>();
        _folder.Plan("""{ "authorizers": [ { "plugin": "lives", "settings": { "start": "settings" } } ] }""", errors);
        Assert.Contains(
            "$.authorizers[0].settings: plugin 'lives': Fixtures.Lives.Settings failed while it was read: InvalidOperationException: no luck in the settings",
            errors.Select(static e => e.ToString()));
    }

    private Task<PluginHost> StartAsync(params string[] settings) => StartAsync(CancellationToken.None, settings);

    private async Task<PluginHost> StartAsync(CancellationToken cancellation, params string[] settings)
    {
        var errors = new List<SettingsError>();
        var authorizers = string.Join(", ", settings.Select(static s => $$"""{ "plugin": "lives", "settings": {{s}} }"""));
        var plan = _folder.Plan($$"""{ "authorizers": [ {{authorizers}} ] }""", errors);
        Assert.DoesNotContain(errors, static e => e.Path.StartsWith("$.authorizers", StringComparison.Ordinal));
        return await plan.StartAsync(_clock, _log, cancellation);
    }

    // The timer that it waits for may be set a moment later than what was awaited.
    private async Task AdvanceUntilAsync(Task task, TimeSpan step)
    {
        while (!task.IsCompleted)
        {
            _clock.Advance(step);
            await Task.WhenAny(task, Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System));
        }
    }
}
