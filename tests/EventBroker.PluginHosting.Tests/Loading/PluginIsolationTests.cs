using System.Security.Cryptography;
using EventBroker.Sdk.Plugins;
using EventBroker.Sdk.Settings;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventBroker.PluginHosting.Tests.Loading;

public sealed class PluginIsolationTests : IDisposable
{
    private readonly FixtureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Two_plugins_see_their_own_version_of_the_same_dependency()
    {
        _folder.Add("UsesDependencyV1");
        _folder.Add("UsesDependencyV2");

        await using var host = await StartAsync("""[ { "plugin": "uses-dependency-v1" }, { "plugin": "uses-dependency-v2" } ]""");

        Assert.Equal("version 1", (await FakeCaller.AskAsync(host.Authorizers[0])).Reason);
        Assert.Equal("version 2", (await FakeCaller.AskAsync(host.Authorizers[1])).Reason);
    }

    [Fact]
    public async Task A_private_copy_of_the_SDK_in_the_folder_does_no_harm()
    {
        var folder = _folder.Add("UsesDependencyV1");
        File.Copy(typeof(IPlugin).Assembly.Location, Path.Combine(folder, "EventBroker.Sdk.dll"));

        await using var host = await StartAsync("""[ { "plugin": "uses-dependency-v1" } ]""");

        Assert.Equal("version 1", (await FakeCaller.AskAsync(host.Authorizers[0])).Reason);
    }

    [Fact]
    public async Task A_plugin_built_with_a_newer_SDK_assembly_still_shares_the_types_of_the_host()
    {
        // The reference's version in the metadata: 2.0.0.0 becomes 2.0.99.0. The table row is major, minor, build, revision.
        var file = Path.Combine(_folder.Add("UsesDependencyV1"), "EventBroker.UsesDependencyV1.dll");
        AssemblyReferencePatch.SetBuild(file, "EventBroker.Sdk", 99);

        await using var host = await StartAsync("""[ { "plugin": "uses-dependency-v1" } ]""");

        Assert.Equal("version 1", (await FakeCaller.AskAsync(host.Authorizers[0])).Reason);
    }

    [Fact]
    public async Task One_plugin_serves_several_instances_each_with_its_own_settings()
    {
        _folder.Add("Configured");

        await using var host = await StartAsync("""
            [ { "plugin": "configured", "settings": { "name": "a", "retention": "30s" } }, { "plugin": "configured", "settings": { "name": "b", "size": "1KiB" } } ]
            """);

        Assert.Equal(
            "configured[0] a 00:00:30 64MiB EventBroker.Plugin.configured []", (await FakeCaller.AskAsync(host.Authorizers[0])).Reason);
        Assert.Equal(
            "configured[1] b 01:00:00 1KiB EventBroker.Plugin.configured []", (await FakeCaller.AskAsync(host.Authorizers[1])).Reason);
        var status = Assert.Single(host.Plugins);
        Assert.Equal(PluginState.Active, status.State);
        Assert.Equal("1.2.3", status.Version);
        Assert.Equal(["configured[0]", "configured[1]"], status.Instances);
    }

    [Fact]
    public async Task Pinned_files_that_match_are_loaded()
    {
        var hashes = Hashes(_folder.Add("Configured"));

        await using var host = await StartAsync("""[ { "plugin": "configured", "settings": { "name": "a" } } ]""", hashes);

        Assert.Single(host.Authorizers);
    }

    [Fact]
    public void A_changed_a_missing_and_an_extra_file_are_refused_when_files_are_pinned()
    {
        var folder = _folder.Add("Configured");
        var hashes = Hashes(folder);
        File.AppendAllText(Path.Combine(folder, "plugin.json"), " ");
        File.Delete(Path.Combine(folder, "EventBroker.Configured.pdb"));
        File.WriteAllText(Path.Combine(folder, "extra.dll"), "");
        var errors = new List<SettingsError>();

        _folder.Plan(Json("""[ { "plugin": "configured", "settings": { "name": "a" } } ]""", hashes), errors);

        var error = Assert.Single(errors, static e => e.Path == "$.authorizers[0].plugin");
        Assert.Equal(
            $"plugin 'configured': the files differ from plugins.configured.sha256: {Path.Combine(folder, "EventBroker.Configured.pdb")} is missing;"
            + $" {Path.Combine(folder, "plugin.json")} has another content; {Path.Combine(folder, "extra.dll")} is not in the list;"
            + " restore the folder, or update the hashes if you trust the change",
            error.Message);
    }

    [Fact]
    public void A_pin_that_is_no_hash_or_names_no_plugin_is_a_mistake()
    {
        _folder.Add("Configured");
        var errors = new List<SettingsError>();

        _folder.Plan("""{ "plugins": { "configured": { "sha256": { "a.dll": "123" } }, "gone": { "sha256": { "b.dll": "123" } } } }""", errors);

        Assert.Contains(errors, static e => e.ToString() == "$.plugins.configured.sha256['a.dll']: must be a SHA-256 in 64 hexadecimal digits");
        Assert.Contains(errors, static e => e.Path == "$.plugins.gone" && e.Message.Contains("no plugin in", StringComparison.Ordinal));
    }

    private static string Hashes(string folder) =>
        string.Join(", ", Directory.EnumerateFiles(folder).Select(
            static f => $"\"{Path.GetFileName(f)}\": \"{Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(f)))}\""));

    private static string Json(string authorizers, string hashes) =>
        hashes.Length == 0
            ? $$"""{ "authorizers": {{authorizers}} }"""
            : $$"""{ "authorizers": {{authorizers}}, "plugins": { "configured": { "sha256": { {{hashes}} } } } }""";

    private async Task<PluginHost> StartAsync(string authorizers, string hashes = "")
    {
        var errors = new List<SettingsError>();
        var plan = _folder.Plan(Json(authorizers, hashes), errors);
        Assert.DoesNotContain(errors, static e => e.Path.StartsWith("$.authorizers", StringComparison.Ordinal));
        return await plan.StartAsync(TimeProvider.System, NullLoggerFactory.Instance, default);
    }
}
