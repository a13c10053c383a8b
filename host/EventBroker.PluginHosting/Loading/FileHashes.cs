using System.Security.Cryptography;
using EventBroker.PluginHosting.Configuration;

namespace EventBroker.PluginHosting.Loading;

// Compares every file of a plugin's folder with what the operator has pinned.
internal static class FileHashes
{
    public static void Check(string directory, string id, PluginPin pin)
    {
        var files = Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories)
            .ToDictionary(f => Path.GetRelativePath(directory, f).Replace('\\', '/'), StringComparer.Ordinal);
        var faults = new List<string>();
        foreach (var (name, expected) in pin.Sha256.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            if (!files.Remove(name, out var path))
            {
                faults.Add($"{Path.Combine(directory, name)} is missing");
            }
            else if (!string.Equals(Hash(path), expected.Trim(), StringComparison.OrdinalIgnoreCase))
            {
                faults.Add($"{path} has another content");
            }
        }

        faults.AddRange(files.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Value} is not in the list"));
        if (faults.Count > 0)
        {
            throw new PluginLoadException(
                $"the files differ from plugins.{id}.sha256: {string.Join("; ", faults)}; restore the folder, or update the hashes if you trust the change");
        }
    }

    private static string Hash(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexString(SHA256.HashData(file));
    }
}
