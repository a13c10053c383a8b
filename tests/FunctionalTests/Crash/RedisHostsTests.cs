using System.Globalization;
using EventBroker.Client.Tests.Hosting;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Streams;
using EventBroker.Transport.Redis.Tests.Servers;
using StackExchange.Redis;

namespace EventBroker.FunctionalTests.Crash;

// Two brokers over one Redis, of which one dies or stands still.
public sealed class RedisHostsTests : IAsyncLifetime
{
    private const string Stream = "eb:{e}";
    private const string Group = "g:n";

    private RedisServer _redis = null!;
    private ConnectionMultiplexer _direct = null!;
    private BrokerProcess _one = null!;
    private BrokerProcess _other = null!;
    private ServedBroker _atOne = null!;
    private ServedBroker _atOther = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The numbers of signals are those of Linux.");
        _redis = await RedisServer.StartAsync();
        _direct = await _redis.ConnectAsync();
        var transport = $$"""{ "plugin": "redis", "settings": { "connectionString": "{{_redis.Address}}", "idleLimit": "2s" } }""";
        _one = new BrokerProcess(transport: transport);
        _other = new BrokerProcess(transport: transport);
        await Task.WhenAll(_one.StartAsync(), _other.StartAsync());
        _atOne = new ServedBroker(_one);
        _atOther = new ServedBroker(_other);
        await _atOne.Http.RegisterAsync("e");
    }

    [Fact]
    public async Task Workers_of_two_brokers_share_the_work_and_what_a_killed_one_held_goes_to_the_other()
    {
        await using var here = await OpenAsync(_atOne);
        await using var there = await OpenAsync(_atOther);
        await _atOne.Http.PublishAsync("e", "m-1");
        await _atOther.Http.PublishAsync("e", "m-2");

        // Each takes one, and no more until that is settled.
        var held = await here.ReadAsync();
        var done = await there.ReadAsync();
        Assert.Equal(["m-1", "m-2"], new[] { held.Id, done.Id }.Order());
        _one.Kill();
        Assert.Equal("settled", await there.SettleAsync(done.AckId));
        await there.ExpectAsync(held.Id, 1);
    }

    [Fact]
    public async Task A_broker_that_stood_still_longer_than_the_idle_limit_takes_nothing_back()
    {
        await using var here = await OpenAsync(_atOne);
        await _atOne.Http.PublishAsync("e", "m-1");
        var held = await here.ReadAsync();
        await using var there = await OpenAsync(_atOther);
        Signals.Stop(_one.ProcessId);
        var taken = await there.ReadAsync();
        Assert.Equal(("m-1", 1), (taken.Id, taken.RetryCount));
        var owner = await OwnerAsync();
        await StayAsync();
        Signals.Continue(_one.ProcessId);

        // Whatever it does first, it is told that it lost it; and it goes on.
        Assert.Equal("expired", await here.SettleAsync(held.AckId));
        Assert.Equal(owner, await OwnerAsync());
        await _atOne.Http.PublishAsync("e", "m-2");
        await here.ExpectAsync("m-2", 0);
        Assert.Equal(owner, await OwnerAsync());
        Assert.Equal("settled", await there.SettleAsync(taken.AckId));
        Assert.Single(await PendingAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await (_atOne?.DisposeAsync() ?? default);
        await (_atOther?.DisposeAsync() ?? default);
        await (_one?.DisposeAsync() ?? default);
        await (_other?.DisposeAsync() ?? default);
        await (_direct?.DisposeAsync() ?? default);
        await (_redis?.DisposeAsync() ?? default);
    }

    // Who holds m-1 longer than that loses it all the same. For more by hand: EVENTBROKER_STOPPED=60.
    private static Task StayAsync() => Task.Delay(
        TimeSpan.FromSeconds(int.Parse(Environment.GetEnvironmentVariable("EVENTBROKER_STOPPED") ?? "0", CultureInfo.InvariantCulture)),
        TimeProvider.System);

    private static Task<StreamClient> OpenAsync(ServedBroker broker) =>
        StreamClient.OpenAsync(broker, StreamProtocol.Grpc, StreamOptions.Of(StreamMode.WorkerPool) with { MaxInFlight = 1, StartFrom = "beginning" });

    // Who holds the oldest of what is unsettled.
    private async Task<string> OwnerAsync() => (await PendingAsync())[0].ConsumerName.ToString();

    private Task<StreamPendingMessageInfo[]> PendingAsync() =>
        _direct.GetDatabase().StreamPendingMessagesAsync(Stream, Group, 10, RedisValue.Null);
}
