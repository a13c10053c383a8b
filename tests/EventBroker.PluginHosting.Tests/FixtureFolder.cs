using EventBroker.PluginHosting.Configuration;
using EventBroker.Sdk.Settings;
using Microsoft.Extensions.Configuration;

namespace EventBroker.PluginHosting.Tests;

// A plugins directory in a temporary folder, filled with copies of built plugins that a test may damage.
internal sealed class FixtureFolder : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("eventbroker-");

    public FixtureFolder() => Directory.CreateDirectory(Plugins);

    public string Root => _root.FullName;

    public string Plugins => Path.Combine(Root, "plugins");

    // All build outputs lie beside each other: <artifacts>/bin/<project>/<configuration>.
    public static string OutputOf(string project)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(own.Parent!.Parent!.FullName, project, own.Name);
    }

    public string Add(string project, string? folder = null)
    {
        var target = Path.Combine(Plugins, folder ?? project);
        CopyTree(OutputOf(project), target);
        return target;
    }

    public void Edit(string project, string file, Func<string, string> edit)
    {
        var path = Path.Combine(Plugins, project, file);
        File.WriteAllText(path, edit(File.ReadAllText(path)));
    }

    // Reads and plans a plugins.json with the directory of this folder.
    public PluginPlan Plan(string json, List<SettingsError> errors)
    {
        var document = ConfigurationDocument.Read(System.Text.Encoding.UTF8.GetBytes(json), [], typeof(PluginsConfiguration), errors);
        var configuration = SettingsBinder.BindWhatIsRight<PluginsConfiguration>(document.Configuration, SettingsPath.Root, errors);
        return PluginPlan.Prepare(configuration, Root, errors);
    }

    public void Dispose()
    {
        // Loaded assemblies stay mapped; on Linux their files can be removed all the same.
        _root.Delete(recursive: true);
    }

    public static void CopyTree(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
