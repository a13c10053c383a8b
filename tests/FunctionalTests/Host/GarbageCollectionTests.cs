using System.Text.Json;

namespace EventBroker.FunctionalTests.Host;

// With what settings of the runtime the host is built; a property of a misspelled name says nothing when it is built.
public sealed class GarbageCollectionTests
{
    [Fact]
    public void The_host_has_one_heap_and_not_one_for_each_core()
    {
        using var settings = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "EventBroker.Host.runtimeconfig.json")));
        Assert.Equal(1, settings.RootElement.GetProperty("runtimeOptions").GetProperty("configProperties").GetProperty("System.GC.HeapCount").GetInt32());
    }
}
