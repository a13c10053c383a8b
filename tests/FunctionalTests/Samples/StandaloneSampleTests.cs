using System.Runtime.InteropServices;
using EventBroker.FunctionalTests.Hosting;

namespace EventBroker.FunctionalTests.Samples;

public sealed class StandaloneSampleTests : IDisposable
{
    private const string Name = "EventBroker.Samples.Standalone";

    // That of the tests, whose build has made most of what is needed.
    private static readonly string Configuration = Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/'));

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("eventbroker-standalone-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_program_of_its_own_publishes_an_order_and_handles_it_at_the_second_attempt()
    {
        await using var broker = await BrokerHost.StartAsync(clock: TimeProvider.System);

        var output = await ChildProgram.RunAsync(
            ChildProgram.Dotnet, Path.Combine(OutputOfSample(), Name + ".dll"), broker.GrpcAddress.ToString());

        AssertWalkThrough(output);
    }

    // The proof that the client package can be trimmed and compiled ahead of time: warnings are errors in this repository, also those of
    // the native compiler.
    [Fact]
    public async Task Compiled_to_native_code_it_does_the_same()
    {
        await using var broker = await BrokerHost.StartAsync(clock: TimeProvider.System);
        var project = Path.Combine(RepositoryRoot(), "docs", "samples", "Standalone", "Standalone.csproj");
        var output = Path.Combine(_folder.FullName, "out");

        await ChildProgram.RunAsync(
            ChildProgram.Dotnet, "publish", project, "-c", Configuration, "-r", RuntimeInformation.RuntimeIdentifier, "-o", output,
            "-p:UseSharedCompilation=false", "-nodeReuse:false");

        AssertWalkThrough(await ChildProgram.RunAsync(Path.Combine(output, Name), broker.GrpcAddress.ToString()));
    }

    private static void AssertWalkThrough(string output)
    {
        string[] inOrder = ["Disconnected -> Connecting", "Connecting -> Connected", "2 x teapot, attempt 1", "2 x teapot, attempt 2"];
        var at = 0;
        foreach (var line in inOrder)
        {
            at = output.IndexOf(line, at, StringComparison.Ordinal);
            Assert.True(at >= 0, $"'{line}' is missing or out of order in:\n{output}");
        }

        Assert.Contains("published ", output, StringComparison.Ordinal);
    }

    // Its own folder: beside the tests lie the libraries that they need, not those that the program does.
    private static string OutputOfSample() =>
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Standalone", Configuration));

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "EventBroker.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}
