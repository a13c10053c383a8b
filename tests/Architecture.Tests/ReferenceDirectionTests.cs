using System.Text.RegularExpressions;

namespace EventBroker.Architecture.Tests;

/// <summary>References point one way: protos and sdk know nobody, plugins know the sdk, the core knows the sdk, endpoints know the
/// core and the protos, the host puts them together, and the client knows neither sdk nor host.</summary>
public partial class ReferenceDirectionTests
{
    // Whom each project may refer to; a new project has to be given its place here.
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["EventBroker.Protos"] = [],
        ["EventBroker.Sdk"] = [],
        ["EventBroker.Sdk.Conformance"] = ["EventBroker.Sdk"],
        ["EventBroker.Broker"] = ["EventBroker.Sdk"],
        ["EventBroker.Endpoints"] = ["EventBroker.Broker", "EventBroker.Protos", "EventBroker.Sdk"],
        ["EventBroker.PluginHosting"] = ["EventBroker.Sdk"],
        ["EventBroker.Host"] = ["EventBroker.Broker", "EventBroker.Endpoints", "EventBroker.PluginHosting", "EventBroker.Sdk"],
        ["EventBroker.Client"] = ["EventBroker.Protos"],

        // Another broker is its backend, and the client package is how a broker is reached.
        ["Transport.Remote"] = ["EventBroker.Client", "EventBroker.Sdk"],

        // Holds a whole broker, so that tests of programs meet the real one.
        ["EventBroker.Client.Testing"] = ["EventBroker.Client", "EventBroker.Endpoints", "EventBroker.Sdk", "Transport.Memory"],
    };

    private static readonly ProjectGraph Graph = ProjectGraph.Load();

    [Fact]
    public void Every_project_refers_only_to_those_below_it()
    {
        var wrong = new List<string>();
        foreach (var project in Graph.Projects)
        {
            var allowed = Allowed.GetValueOrDefault(project.Name) ?? (project.Folder == "plugins" ? ["EventBroker.Sdk"] : null);
            if (allowed is null)
            {
                wrong.Add($"{project} has no place in the direction of references yet");
                continue;
            }

            wrong.AddRange(project.References
                .Select(static r => Path.GetFileNameWithoutExtension(r))
                .Where(r => !allowed.Contains(r, StringComparer.Ordinal))
                .Select(r => $"{project} must not refer to {r}"));
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void The_sdk_depends_on_the_frameworks_abstractions_alone()
    {
        var sdk = Graph.Projects.Single(static p => p.Name == "EventBroker.Sdk");

        Assert.All(
            sdk.Packages.Where(static p => !p.EndsWith("Analyzers", StringComparison.Ordinal)),
            static p => Assert.Matches(@"^Microsoft\.Extensions\..+\.Abstractions$", p));
        Assert.Empty(sdk.Frameworks);
    }

    [Fact]
    public void The_core_knows_neither_a_web_server_nor_how_plugins_are_loaded()
    {
        var core = Graph.Projects.Single(static p => p.Name == "EventBroker.Broker");

        Assert.All(core.Packages, static p => Assert.Equal("Microsoft.Extensions.Logging.Abstractions", p));
        Assert.Empty(core.Frameworks);
    }

    [Fact]
    public void Plugins_are_loaded_with_the_plugin_library_in_one_place_only()
    {
        var users = Graph.Projects.Where(static p => p.Packages.Contains("McMaster.NETCore.Plugins", StringComparer.Ordinal));

        Assert.Equal(["EventBroker.PluginHosting"], users.Select(static p => p.Name));
    }

    [Fact]
    public void The_top_level_holds_the_agreed_folders()
    {
        string[] agreed = ["host", "sdk", "plugins", "client", "protos", "tests", "docs", "artifacts"];
        var folders = Directory.EnumerateDirectories(Graph.Root).Select(Path.GetFileName).Where(static f => f![0] != '.');

        Assert.All(folders, f => Assert.Contains(f, agreed));
    }

    [Fact]
    public void Log_event_ids_are_unique_across_the_repository()
    {
        var ids = new[] { "host", "plugins", "sdk", "client" }
            .SelectMany(f => Directory.EnumerateFiles(Path.Combine(Graph.Root, f), "*.cs", SearchOption.AllDirectories))
            .SelectMany(static file => LogId().Matches(File.ReadAllText(file))
                .Select(m => (Id: m.Groups["id"].Value, File: Path.GetFileName(file))))
            .ToList();

        Assert.NotEmpty(ids);
        Assert.Empty(ids.GroupBy(static i => i.Id).Where(static g => g.Count() > 1).Select(static g => string.Join(", ", g)));
    }

    [GeneratedRegex(@"\[LoggerMessage\(\s*(EventId\s*=\s*)?(?<id>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex LogId();
}
