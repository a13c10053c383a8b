using EventBroker.Client.Tests.Hosting;

namespace EventBroker.Client.Tests.Scenarios;

public sealed class ManyCutsTests(ITestOutputHelper output)
{
    [Fact]
    public Task Nothing_is_lost_and_nothing_confirmed_comes_again_when_a_broadcast_is_cut_and_resumed_by_cursor() => RunAsync(new SubscribeOptions());

    [Fact]
    public Task Nothing_is_lost_and_nothing_confirmed_comes_again_when_a_worker_is_cut() => RunAsync(new SubscribeOptions { WorkerGroup = "g" });

    [Fact]
    public Task Nothing_is_lost_and_nothing_confirmed_comes_again_when_a_consumer_id_is_cut() => RunAsync(new SubscribeOptions { ConsumerId = "c" });

    // The real host over the log transport, killed instead of stopped.
    [Theory]
    [InlineData(null, null)]
    [InlineData("g", null)]
    [InlineData(null, "c")]
    public async Task Nothing_is_lost_and_nothing_confirmed_comes_again_over_a_log_whose_broker_is_killed(string? workerGroup, string? consumerId)
    {
        await using var broker = new BrokerProcess();
        await broker.StartAsync();
        await new ManyCutsScenario(broker, new SubscribeOptions { WorkerGroup = workerGroup, ConsumerId = consumerId }).RunAsync(output);
    }

    private async Task RunAsync(SubscribeOptions options)
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await new ManyCutsScenario(broker, options).RunAsync(output);
    }
}
