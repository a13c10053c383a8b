using EventBroker.FunctionalTests.Samples;

namespace EventBroker.FunctionalTests.RealClients;

public sealed class ModuleTests
{
    // What needs neither a browser nor a broker.
    [Fact]
    public async Task The_parts_of_the_browser_module_pass_their_own_tests() =>
        await ChildProgram.RunAsync("node", "--test", Path.Combine(Repository.Root, "client", "browser", "tests") + "/");
}
