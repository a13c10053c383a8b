namespace EventBroker.Architecture.Tests;

/// <summary>The code that documents show is taken, line by line, from code that is compiled and run.</summary>
public sealed class SnippetTests
{
    [Theory]
    [InlineData("README.md", "## From .NET", "docs/samples/Standalone/Program.cs")]
    [InlineData("README.md", "## Embedding", "docs/samples/Embedded/ShopApp.cs")]
    [InlineData("client/EventBroker.Client/README.md", "# EventBroker.Client", "docs/samples/Standalone/Program.cs")]
    [InlineData("client/EventBroker.Client/README.md", "In a hosted service", "docs/samples/Worker/WorkerApp.cs")]
    [InlineData("client/EventBroker.Client.Testing/README.md", "# EventBroker.Client.Testing", "tests/FunctionalTests/Samples/WorkerSampleTests.cs")]
    public void A_document_shows_the_code_of_the_compiled_sample(string document, string section, string sample)
    {
        var root = ProjectGraph.Load().Root;
        var text = File.ReadAllText(Path.Combine(root, document));
        var code = text[text.IndexOf(section, StringComparison.Ordinal)..].Split("```csharp\n")[1].Split("```")[0];
        var compiled = File.ReadLines(Path.Combine(root, sample)).Select(static l => l.Trim()).ToHashSet();

        var invented = code.Split('\n').Select(static l => l.Trim()).Where(l => l.Length > 0 && !compiled.Contains(l)).ToList();
        Assert.Empty(invented);
    }
}
