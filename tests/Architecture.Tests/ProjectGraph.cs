using System.Xml.Linq;

namespace EventBroker.Architecture.Tests;

/// <summary>The projects of the repository and what each refers to, read from the project files.</summary>
internal sealed class ProjectGraph
{
    private ProjectGraph(string root, IReadOnlyList<Project> projects)
    {
        Root = root;
        Projects = projects;
    }

    public string Root { get; }

    public IReadOnlyList<Project> Projects { get; }

    public static ProjectGraph Load()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "EventBroker.sln")))
        {
            root = root.Parent ?? throw new InvalidOperationException("EventBroker.sln was not found above the tests");
        }

        var files = new[] { "protos", "sdk", "host", "plugins", "client" }
            .Select(folder => Path.Combine(root.FullName, folder))
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.csproj", SearchOption.AllDirectories));
        return new ProjectGraph(root.FullName, [.. files.Select(file => Read(root.FullName, file)).OrderBy(static p => p.Path, StringComparer.Ordinal)]);
    }

    private static Project Read(string root, string file)
    {
        var document = XDocument.Load(file);

        // What a folder's Directory.Build.props adds counts like a line in the project itself.
        var props = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(file)!)!, "Directory.Build.props");
        IEnumerable<XElement> references = document.Descendants("ProjectReference");
        if (File.Exists(props))
        {
            references = references.Concat(XDocument.Load(props).Descendants("ProjectReference"));
        }

        return new Project
        {
            Path = Path.GetRelativePath(root, file).Replace('\\', '/'),
            References = [.. references
                .Where(static r => (string?)r.Attribute("ReferenceOutputAssembly") != "false")
                .SelectMany(Included)
                .Select(include => Resolve(root, file, include))],
            Packages = [.. document.Descendants("PackageReference").SelectMany(Included)],
            Frameworks = [.. document.Descendants("FrameworkReference").SelectMany(Included)],
        };
    }

    // An item with Update instead changes one that is counted where it is included.
    private static IEnumerable<string> Included(XElement item) => item.Attribute("Include") is { } include ? [include.Value] : [];

    private static string Resolve(string root, string file, string include)
    {
        var path = include.Replace("$(RepositoryRoot)", root + "/", StringComparison.Ordinal).Replace('\\', '/');
        return Path.GetRelativePath(root, Path.GetFullPath(path, Path.GetDirectoryName(file)!)).Replace('\\', '/');
    }

    internal sealed class Project
    {
        public required string Path { get; init; }

        public required IReadOnlyList<string> References { get; init; }

        public required IReadOnlyList<string> Packages { get; init; }

        public required IReadOnlyList<string> Frameworks { get; init; }

        public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

        public string Folder => Path[..Path.IndexOf('/', StringComparison.Ordinal)];

        public override string ToString() => Path;
    }
}
