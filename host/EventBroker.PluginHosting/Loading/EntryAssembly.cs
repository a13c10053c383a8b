using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace EventBroker.PluginHosting.Loading;

// Looks into an assembly file without loading it.
internal static class EntryAssembly
{
    private const string NetCore = ".NETCoreApp,Version=v";
    private const string NetStandard = ".NETStandard,Version=v";

    public static void Check(string path)
    {
        string? framework;
        try
        {
            using var file = File.OpenRead(path);
            using var image = new PEReader(file, PEStreamOptions.PrefetchEntireImage);
            framework = FindFramework(image.GetMetadataReader());
        }
        catch (FileNotFoundException)
        {
            throw new PluginLoadException($"{path} does not exist; its manifest names it as entryAssembly, so copy the plugin's complete build output");
        }
        catch (Exception exception) when (exception is BadImageFormatException or InvalidOperationException)
        {
            throw Damaged(path, exception);
        }

        if (framework is null || framework.StartsWith(NetStandard, StringComparison.Ordinal))
        {
            return;
        }

        if (!framework.StartsWith(NetCore, StringComparison.Ordinal)
            || !Version.TryParse(framework[NetCore.Length..], out var version)
            || version.Major > Environment.Version.Major)
        {
            throw new PluginLoadException(
                $"{path} was built for {framework}, and this host runs on .NET {Environment.Version.Major}; build the plugin for net{Environment.Version.Major}.0");
        }
    }

    public static PluginLoadException Damaged(string path, Exception exception) =>
        new($"{path} is not a .NET assembly or is damaged ({exception.Message}); copy the plugin's complete build output again", exception);

    private static string? FindFramework(MetadataReader metadata)
    {
        foreach (var handle in metadata.GetAssemblyDefinition().GetCustomAttributes())
        {
            var attribute = metadata.GetCustomAttribute(handle);
            if (attribute.Constructor.Kind == HandleKind.MemberReference
                && metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent is { Kind: HandleKind.TypeReference } parent
                && metadata.StringComparer.Equals(metadata.GetTypeReference((TypeReferenceHandle)parent).Name, "TargetFrameworkAttribute"))
            {
                // Prolog, then the constructor's only argument.
                var blob = metadata.GetBlobReader(attribute.Value);
                blob.ReadUInt16();
                return blob.ReadSerializedString();
            }
        }

        return null;
    }
}
