using System.Runtime.InteropServices;
using EventBroker.Sdk.Plugins;
using EventBroker.Sdk.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventBroker.PluginHosting.Tests.Loading;

public sealed class PluginFaultTests : IDisposable
{
    private readonly FixtureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_plugin_that_is_not_there_is_named_with_those_that_are()
    {
        _folder.Add("Configured");

        Expect("nobody", "there is no plugin 'nobody' in plugins", "authorizer plugins there: configured");
    }

    [Fact]
    public void A_constructor_that_throws_is_unwrapped()
    {
        _folder.Add("ThrowsInConstructor");

        Expect("throws-in-constructor", "EventBroker.ThrowsInConstructor.dll", "the constructor of", "InvalidOperationException: no luck in the constructor");
    }

    [Fact]
    public void An_assembly_without_the_attribute_is_refused()
    {
        _folder.Add("NoAttribute");

        Expect("no-attribute", "EventBroker.NoAttribute.dll", "[assembly: EventBrokerPlugin(typeof(…))]");
    }

    [Fact]
    public void A_plugin_class_that_is_not_public_is_refused()
    {
        _folder.Add("NotPublic");

        Expect("not-public", "EventBroker.NotPublic.dll", "must be public");
    }

    [Fact]
    public void A_plugin_class_of_another_kind_than_the_manifest_says_is_refused()
    {
        _folder.Add("Configured");
        _folder.Edit("Configured", "plugin.json", static m => m.Replace("\"authorizer\"", "\"interceptor\"", StringComparison.Ordinal));

        Expect("configured", "EventBroker.Configured.dll", "does not implement IInterceptorPlugin", "\"kind\": \"Interceptor\"");
    }

    [Fact]
    public void A_plugin_of_another_kind_than_is_needed_is_refused()
    {
        _folder.Add("Configured");
        var errors = Errors("""{ "transports": { "t": { "plugin": "configured" } }, "routes": [ { "events": "*", "transport": "t" } ] }""");

        Assert.Equal(["$.transports.t.plugin: plugin 'configured' makes authorizers, and a transport is needed here"], errors);
    }

    [Fact]
    public void A_missing_private_dependency_is_named_before_anything_is_loaded()
    {
        var folder = _folder.Add("UsesDependencyV1");
        File.Delete(Path.Combine(folder, "PrivateDependency.dll"));

        Expect("uses-dependency-v1", "EventBroker.UsesDependencyV1.deps.json", "PrivateDependency.dll", "copy the plugin's complete build output");
    }

    [Fact]
    public void A_missing_entry_assembly_is_named()
    {
        var folder = _folder.Add("Configured");
        File.Delete(Path.Combine(folder, "EventBroker.Configured.dll"));

        Expect("configured", Path.Combine(folder, "EventBroker.Configured.dll"), "does not exist");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(2000)]
    public void A_truncated_assembly_is_called_damaged(int length)
    {
        var file = Path.Combine(_folder.Add("Configured"), "EventBroker.Configured.dll");
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..length]);

        Expect("configured", file, "is not a .NET assembly or is damaged", "again");
    }

    [Fact]
    public void An_assembly_for_a_newer_framework_is_refused()
    {
        var file = Path.Combine(_folder.Add("Configured"), "EventBroker.Configured.dll");
        var bytes = File.ReadAllBytes(file);
        var at = bytes.AsSpan().IndexOf(".NETCoreApp,Version=v10.0"u8);
        ".NETCoreApp,Version=v99.0"u8.CopyTo(bytes.AsSpan(at));
        File.WriteAllBytes(file, bytes);

        Expect("configured", file, "was built for .NETCoreApp,Version=v99.0", $"build the plugin for net{Environment.Version.Major}.0");
    }

    [Fact]
    public void A_corrupt_deps_json_is_called_damaged()
    {
        _folder.Add("Configured");
        _folder.Edit("Configured", "EventBroker.Configured.deps.json", static d => d[..(d.Length / 2)]);

        Expect("configured", "EventBroker.Configured.deps.json is damaged");
    }

    [Fact]
    public void A_missing_deps_json_is_refused()
    {
        var folder = _folder.Add("Configured");
        File.Delete(Path.Combine(folder, "EventBroker.Configured.deps.json"));

        Expect("configured", "EventBroker.Configured.deps.json does not exist");
    }

    [Fact]
    public void Each_missing_file_that_this_platform_needs_is_named_and_none_of_others()
    {
        _folder.Add("Configured");
        _folder.Edit("Configured", "EventBroker.Configured.deps.json", static d => d.Replace(
            "\"runtime\": {",
            $$"""
              "native": { "native/libprivate.so": { } },
              "resources": { "lib/net10.0/de/Private.resources.dll": { "locale": "de" } },
              "runtimeTargets": {
                "runtimes/here/native/libhere.so": { "rid": "{{RuntimeInformation.RuntimeIdentifier}}", "assetType": "native" },
                "runtimes/there/native/libthere.so": { "rid": "there", "assetType": "native" }
              },
              "runtime": {
            """,
            StringComparison.Ordinal));

        Expect(
            "configured",
            "EventBroker.Configured.deps.json needs de/Private.resources.dll, libprivate.so, runtimes/here/native/libhere.so, which the folder does not have");
    }

    [Theory]
    [InlineData("1.0", "1.x")]
    [InlineData("3.1", "3.9")]
    public void A_plugin_for_another_contract_is_incompatible(string min, string max)
    {
        _folder.Add("Configured");
        _folder.Edit("Configured", "plugin.json", m => m.Replace("\"min\": \"2.0\", \"max\": \"2\"", $"\"min\": \"{min}\", \"max\": \"{max.Replace(".x", "", StringComparison.Ordinal)}\"", StringComparison.Ordinal));

        var plan = Expect("configured", "plugin.json", $"SDK contract {min} to {max}, and this host has 2.0; install a version of the plugin for this host, or a host for this plugin");

        Assert.Equal(PluginState.Incompatible, Assert.Single(plan.Statuses).State);
    }

    [Fact]
    public void A_faulty_manifest_is_reported_with_all_its_mistakes()
    {
        _folder.Add("Configured");
        _folder.Edit("Configured", "plugin.json", static m => m.Replace("\"authorizer\"", "\"author\"", StringComparison.Ordinal).Replace("\"version\"", "\"verison\"", StringComparison.Ordinal));

        Expect("configured", "plugin.json is not a valid manifest", "$.kind: must be one of transport", "$.verison: unknown key", "$.version: is required");
    }

    [Theory]
    [InlineData("{ \"id\": \"configured\", \"version\": ")]
    [InlineData("[]")]
    [InlineData("")]
    public void A_manifest_that_is_no_JSON_is_told_once(string manifest)
    {
        _folder.Add("Configured");
        _folder.Edit("Configured", "plugin.json", _ => manifest);

        var plan = _folder.Plan("{}", []);

        var fault = Assert.Single(plan.Statuses).Reason;
        Assert.Contains("plugin.json is not a valid manifest: $: ", fault, StringComparison.Ordinal);
        Assert.DoesNotContain("is required", fault, StringComparison.Ordinal);
        Assert.DoesNotContain("; ", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void An_id_that_two_folders_claim_is_refused_and_both_are_named()
    {
        var one = _folder.Add("Configured", "one");
        var two = _folder.Add("Configured", "two");

        var plan = Expect("configured", Path.Combine(one, "plugin.json"), Path.Combine(two, "plugin.json"), "remove all folders but one");

        Assert.All(plan.Statuses, static s => Assert.Equal(PluginState.Failed, s.State));
    }

    [Fact]
    public async Task A_plugin_that_throws_when_it_is_started_is_named_with_its_place_and_those_before_it_are_stopped()
    {
        _folder.Add("Configured");
        _folder.Add("ThrowsOnCreate");
        _folder.Add("UsesDependencyV1");
        var errors = new List<SettingsError>();
        var plan = _folder.Plan("""{ "authorizers": [ { "plugin": "uses-dependency-v1" }, { "plugin": "throws-on-create" } ] }""", errors);

        var exception = await Assert.ThrowsAsync<PluginStartException>(() => plan.StartAsync(TimeProvider.System, NullLoggerFactory.Instance, default));

        Assert.Equal("$.authorizers[1]", exception.Error.Path);
        Assert.Contains("EventBroker.ThrowsOnCreate.dll", exception.Error.Message, StringComparison.Ordinal);
        Assert.Contains("InvalidOperationException: the backend is not there", exception.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_folder_that_nobody_configured_is_only_shown()
    {
        _folder.Add("Configured");
        Directory.CreateDirectory(Path.Combine(_folder.Plugins, "empty"));
        _folder.Add("NoAttribute");
        _folder.Edit("NoAttribute", "plugin.json", static _ => "{");
        var errors = new List<SettingsError>();

        var plan = _folder.Plan("""{ "authorizers": [ { "plugin": "configured", "settings": { "name": "n" } } ] }""", errors);

        Assert.DoesNotContain(errors, static e => e.Path.StartsWith("$.authorizers", StringComparison.Ordinal));
        var states = plan.Statuses.ToDictionary(static s => s.Id, static s => s);
        Assert.Equal(PluginState.Active, states["configured"].State);
        Assert.Equal(PluginState.Failed, states["empty"].State);
        Assert.Contains("plugin.json does not exist", states["empty"].Reason, StringComparison.Ordinal);
        Assert.Equal(PluginState.Failed, states["NoAttribute"].State);
        Assert.Contains("syntax error in line 1, column 2", states["NoAttribute"].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Mistakes_in_the_settings_of_all_plugins_and_in_the_file_itself_are_reported_together()
    {
        _folder.Add("Configured");

        var errors = Errors("""
            {
              "rotues": [],
              "routes": [ { "events": "*", "transport": "nowhere" } ],
              "authorizers": [
                { "plugin": "configured", "settings": { "retention": "2", "size": "much", "nmae": "x" } },
                { "plugin": "configured", "settings": { "name": "x", "retention": "2d" } },
                { "settings": {} },
                { "plugin": "configured", "settings": { "name": { "fromEnvironment": "EVENTBROKER_NOT_SET" } } }
              ]
            }
            """);

        Assert.Equal(
            [
                "$.authorizers[0].settings.name: is required",
                "$.authorizers[0].settings.nmae: unknown key; known are name, password, retention, size",
                "$.authorizers[0].settings.retention: must be a duration such as 250ms, 30s, 5m, 1h30m, 2d or 00:00:30, not '2'",
                "$.authorizers[0].settings.size: must be a size such as 64MiB, 10MB, 512KiB or a plain number of bytes, not 'much'",
                "$.authorizers[1].settings.retention: must be from 1s to 1d, not 2d",
                "$.authorizers[2].plugin: is required",
                "$.authorizers[3].settings.name.fromEnvironment: environment variable EVENTBROKER_NOT_SET is not set",
                "$.rotues: unknown key; known are $schema, authorizers, interceptors, pluginTimeout, plugins, pluginsDirectory, routes, transports",
                "$.routes[0].transport: there is no transport 'nowhere'; configured are ",
                "$.transports: name at least one transport, such as \"local\": { \"plugin\": \"memory\" }",
            ],
            errors);
    }

    [Fact]
    public void Whatever_is_not_said_is_asked_for()
    {
        _folder.Add("Configured");
        _folder.Edit("Configured", "plugin.json", static _ => "{ \"sdk\": { } }");

        Assert.Equal(
            [
                "$.interceptors[0].plugin: there is no plugin 'nobody' in plugins; interceptor plugins there: none",
                "$.routes[0].events: is required",
                "$.routes[0].transport: is required",
                "$.transports.t.plugin: is required",
            ],
            Errors("""{ "transports": { "t": { } }, "interceptors": [ { "plugin": "nobody" } ], "routes": [ { } ] }"""));
        var errors = new List<SettingsError>();
        var manifest = Assert.Single(_folder.Plan("{}", errors).Statuses).Reason.Split(" is not a valid manifest: ")[1];
        Assert.Equal(
            ["$.entryAssembly", "$.id", "$.kind", "$.sdk.max", "$.sdk.min", "$.version"],
            manifest.Split("; ").Order(StringComparer.Ordinal).Select(static m => m.Replace(": is required", "", StringComparison.Ordinal)));
        Assert.Equal(
            [
                "$.routes: name at least one route, such as { \"events\": \"*\", \"transport\": \"local\" }",
                "$.transports: name at least one transport, such as \"local\": { \"plugin\": \"memory\" }",
            ],
            errors.Select(static e => e.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_route_to_no_transport_is_told_which_there_are()
    {
        _folder.Add("Transport.Memory");

        Assert.Equal(
            ["$.routes[0].transport: there is no transport 'c'; configured are a, b"],
            Errors("""
                { "transports": { "a": { "plugin": "memory" }, "b": { "plugin": "memory" } }, "routes": [ { "events": "*", "transport": "c" } ] }
                """));
    }

    [Fact]
    public void A_directory_that_is_none_is_told_with_its_path()
    {
        Assert.Contains(
            $"$.pluginsDirectory: {Path.Combine(_folder.Root, "nowhere")} does not exist; a relative path starts at the host's binary",
            Errors("""{ "pluginsDirectory": "nowhere" }"""));
    }

    private string[] Errors(string json)
    {
        var errors = new List<SettingsError>();
        _folder.Plan(json, errors);
        return [.. errors.Select(static e => e.ToString()).Order(StringComparer.Ordinal)];
    }

    // One error at the plugin's key, with all of the parts.
    private PluginPlan Expect(string id, params string[] parts)
    {
        var errors = new List<SettingsError>();
        var plan = _folder.Plan($$"""{ "authorizers": [ { "plugin": "{{id}}", "settings": { } } ] }""", errors);
        var error = Assert.Single(errors, static e => e.Path.StartsWith("$.authorizers", StringComparison.Ordinal));
        Assert.Equal("$.authorizers[0].plugin", error.Path);
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        Assert.DoesNotContain("TargetInvocation", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        return plan;
    }
}
