using EventBroker.PluginHosting.Configuration;
using EventBroker.Sdk.Plugins;
using EventBroker.Sdk.Settings;

namespace EventBroker.PluginHosting.Manifests;

// Reads the manifests of a plugins directory without loading code.
internal static class PluginCatalog
{
    public static IReadOnlyList<PluginFolder> Read(string pluginsDirectory)
    {
        var folders = Directory.EnumerateDirectories(pluginsDirectory).Order(StringComparer.Ordinal).Select(ReadFolder).ToList();
        foreach (var twins in folders.Where(f => f.Manifest.Id.Length > 0).GroupBy(f => f.Id, StringComparer.Ordinal).Where(g => g.Count() > 1))
        {
            // Which of them is meant can't be told, so none is taken.
            var names = string.Join(", ", twins.Select(f => f.ManifestPath));
            foreach (var twin in twins)
            {
                twin.Fail(PluginState.Failed, $"the id '{twin.Id}' is claimed by several plugins: {names}; remove all folders but one");
            }
        }

        return folders;
    }

    private static PluginFolder ReadFolder(string directory)
    {
        var path = Path.Combine(directory, PluginFolder.ManifestName);
        var errors = new List<SettingsError>();
        PluginManifest manifest;
        try
        {
            var document = ConfigurationDocument.Read(File.ReadAllBytes(path), [], typeof(PluginManifest), errors);

            // Of a document that ends too early the id is wanted all the same, but not a complaint about each key that is missing.
            manifest = SettingsBinder.BindWhatIsRight<PluginManifest>(
                document.Configuration, SettingsPath.Root, document.IsComplete ? errors : []);
        }
        catch (FileNotFoundException)
        {
            return Failed($"{path} does not exist; a plugin's folder holds its manifest, so copy the whole folder or remove it");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Failed($"{path} can't be read: {exception.Message}");
        }

        var folder = new PluginFolder { Directory = directory, Manifest = manifest };
        if (errors.Count > 0)
        {
            folder.Fail(PluginState.Failed, $"{path} is not a valid manifest: {string.Join("; ", errors)}");
        }
        else if (!manifest.Sdk!.Contains(SdkContract.Version))
        {
            folder.Fail(
                PluginState.Incompatible,
                $"{path} says that the plugin was built for SDK contract {manifest.Sdk}, and this host has {SdkContract.Version};"
                + " install a version of the plugin for this host, or a host for this plugin");
        }

        return folder;

        PluginFolder Failed(string reason)
        {
            var empty = new PluginFolder { Directory = directory, Manifest = new PluginManifest() };
            empty.Fail(PluginState.Failed, reason);
            return empty;
        }
    }
}
