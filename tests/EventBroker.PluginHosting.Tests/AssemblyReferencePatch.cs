using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace EventBroker.PluginHosting.Tests;

// Changes the version with which an assembly refers to another, as if it had been built with a newer one.
internal static class AssemblyReferencePatch
{
    // A row of the AssemblyRef table begins with major, minor, build and revision, two bytes each.
    private const int BuildOffset = 4;

    public static void SetBuild(string file, string reference, ushort build)
    {
        var bytes = File.ReadAllBytes(file);
        using (var image = new PEReader(new MemoryStream(bytes)))
        {
            var metadata = image.GetMetadataReader();
            var handle = metadata.AssemblyReferences.First(r => metadata.StringComparer.Equals(metadata.GetAssemblyReference(r).Name, reference));
            var row = metadata.GetTableMetadataOffset(TableIndex.AssemblyRef)
                + ((metadata.GetRowNumber(handle) - 1) * metadata.GetTableRowSize(TableIndex.AssemblyRef));
            BitConverter.TryWriteBytes(bytes.AsSpan(image.PEHeaders.MetadataStartOffset + row + BuildOffset), build);
        }

        File.WriteAllBytes(file, bytes);
    }
}
