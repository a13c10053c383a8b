using EventBroker.Client.Tests.Hosting;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Streams;

namespace EventBroker.FunctionalTests.Crash;

// A broker that stands still, and another one that would like to have its folder.
public sealed class StoppedBrokerTests
{
    [Fact]
    public async Task A_broker_that_stood_still_goes_on_and_its_folder_is_its_own_until_it_is_dead()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The numbers of signals are those of Linux.");
        await using var broker = new BrokerProcess(ackTimeout: "1s");
        await using var second = new BrokerProcess(broker.LogDirectory);
        await broker.StartAsync();
        await using (var clients = new ServedBroker(broker))
        {
            await clients.Http.RegisterAsync("e");
            await using var stream = await StreamClient.OpenAsync(clients, StreamProtocol.Grpc, StreamOptions.Of(StreamMode.WorkerPool));
            await clients.Http.PublishAsync("e", "m-1");
            var held = await stream.ReadAsync();

            Signals.Stop(broker.ProcessId);
            var publishing = clients.Http.PublishAsync("e", "m-2");
            Assert.NotEqual(0, await second.RunAsync());
            Assert.Contains($"process {broker.ProcessId} on ", second.Errors, StringComparison.Ordinal);
            Signals.Continue(broker.ProcessId);

            await publishing;
            await SettleAllAsync(stream, held);
            Assert.Empty(broker.Errors);
        }

        // Also one that stands still dies.
        Signals.Stop(broker.ProcessId);
        await broker.StopAsync();
        await second.StartAsync();
        await using var others = new ServedBroker(second);
        await using var after = await StreamClient.OpenAsync(others, StreamProtocol.Grpc, StreamOptions.Of(StreamMode.WorkerPool));
        await others.Http.PublishAsync("e", "m-3");
        await after.ExpectAsync("m-3", 0);
    }

    // On a slow machine a deadline may pass once more: each time the count is one higher, and what comes late is told so.
    private static async Task SettleAllAsync(StreamClient stream, Received held)
    {
        var next = new Dictionary<string, int> { ["m-1"] = 1, ["m-2"] = 0 };
        while (next.Count > 0)
        {
            var received = await stream.ReadAsync();
            Assert.Equal(next[received.Id], received.RetryCount);
            next[received.Id]++;
            if (received.Id == held.Id)
            {
                Assert.Equal("expired", await stream.SettleAsync(held.AckId));
            }

            if (await stream.SettleAsync(received.AckId) == "settled")
            {
                next.Remove(received.Id);
            }
        }
    }
}
