using System.Runtime.InteropServices;
using System.Text.Json;

namespace EventBroker.PluginHosting.Loading;

// Checks that every file that deps.json promises is there. Without this a missing private assembly would silently be
// replaced by the host's copy, in whatever version, or be found missing in the middle of a call.
internal static class DependencyAssets
{
    private const string Advice = "copy the plugin's complete build output";

    public static void Check(string entryAssembly)
    {
        var path = Path.ChangeExtension(entryAssembly, ".deps.json");
        var missing = new SortedSet<string>(StringComparer.Ordinal);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var target = document.RootElement.GetProperty("runtimeTarget").GetProperty("name").GetString()!;
            foreach (var library in document.RootElement.GetProperty("targets").GetProperty(target).EnumerateObject())
            {
                missing.UnionWith(Assets(library.Value).Where(a => !Exists(Path.GetDirectoryName(path)!, a)));
            }
        }
        catch (FileNotFoundException)
        {
            throw new PluginLoadException($"{path} does not exist; {Advice}, of a project with <EnableDynamicLoading>true</EnableDynamicLoading>");
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentNullException)
        {
            throw new PluginLoadException($"{path} is damaged ({exception.Message}); {Advice} again", exception);
        }

        if (missing.Count > 0)
        {
            throw new PluginLoadException($"{path} needs {string.Join(", ", missing)}, which the folder does not have; {Advice}");
        }
    }

    // Paths as they lie in the plugin's folder.
    private static IEnumerable<string> Assets(JsonElement library)
    {
        foreach (var group in library.EnumerateObject().Where(static g => g.Value.ValueKind == JsonValueKind.Object))
        {
            foreach (var asset in group.Value.EnumerateObject())
            {
                switch (group.Name)
                {
                    case "runtime" when !SharedAssemblies.Context.Contains(Path.GetFileNameWithoutExtension(asset.Name)):
                    case "native":
                        yield return Path.GetFileName(asset.Name);
                        break;
                    case "resources" when asset.Value.TryGetProperty("locale", out var locale):
                        yield return $"{locale.GetString()}/{Path.GetFileName(asset.Name)}";
                        break;
                    case "runtimeTargets" when asset.Value.TryGetProperty("rid", out var rid) && IsThisPlatform(rid.GetString()):
                        yield return asset.Name;
                        break;
                    default:
                        break;
                }
            }
        }
    }

    // Portable output has the files of all platforms; an operator may have deleted the others.
    private static bool IsThisPlatform(string? rid) => rid == RuntimeInformation.RuntimeIdentifier;

    private static bool Exists(string directory, string asset) => File.Exists(Path.Combine(directory, asset));
}
