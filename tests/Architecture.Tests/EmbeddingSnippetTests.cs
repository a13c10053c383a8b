namespace EventBroker.Architecture.Tests;

public sealed class EmbeddingSnippetTests
{
    [Fact]
    public void The_readme_shows_the_code_of_the_compiled_sample()
    {
        var root = ProjectGraph.Load().Root;
        var readme = File.ReadAllText(Path.Combine(root, "README.md"));
        var section = readme[readme.IndexOf("## Embedding", StringComparison.Ordinal)..];
        var code = section.Split("```csharp\n")[1].Split("```")[0];
        var sample = File.ReadLines(Path.Combine(root, "docs/samples/Embedded/ShopApp.cs")).Select(static l => l.Trim()).ToHashSet();

        var invented = code.Split('\n').Select(static l => l.Trim()).Where(l => l.Length > 0 && !sample.Contains(l)).ToList();
        Assert.Empty(invented);
    }
}
