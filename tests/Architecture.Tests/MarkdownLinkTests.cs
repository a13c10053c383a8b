using System.Text.RegularExpressions;

namespace EventBroker.Architecture.Tests;

public sealed partial class MarkdownLinkTests
{
    [Fact]
    public void No_document_names_a_package_feed_by_its_address()
    {
        // Whoever restores from another one would have to undo it.
        var root = ProjectGraph.Load().Root;

        Assert.DoesNotContain(Documents(root), static document => Feed().IsMatch(File.ReadAllText(document)));
    }

    [Fact]
    public void Every_relative_link_of_a_document_leads_to_a_file()
    {
        var root = ProjectGraph.Load().Root;
        var documents = Documents(root);
        Assert.Contains(Path.Combine(root, "README.md"), documents);

        var broken = documents.SelectMany(
            static document => Link().Matches(File.ReadAllText(document)).Select(static m => m.Groups["path"].Value),
            static (document, path) => (Document: document, Path: path))
            .Where(static l => !Path.Exists(Path.Combine(Path.GetDirectoryName(l.Document)!, l.Path)))
            .Select(l => $"{Path.GetRelativePath(root, l.Document)} -> {l.Path}");
        Assert.Empty(broken);
    }

    private static List<string> Documents(string root) =>
    [
        .. Directory.EnumerateFiles(root, "*.md"),
        .. Directory.EnumerateFiles(Path.Combine(root, "docs"), "*.md", SearchOption.AllDirectories),
    ];

    // An index of NuGet's protocol, or its known host.
    [GeneratedRegex(@"https?://\S*(api\.nuget\.org|/v3/index\.json)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Feed();

    // [text](path#part), without addresses and links within the page.
    [GeneratedRegex(@"\]\((?![a-z]+:|#)(?<path>[^)#\s]+)(#[^)]*)?\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Link();
}
