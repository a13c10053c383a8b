using System.Globalization;
using EventBroker.FunctionalTests.Clients;
using EventBroker.Transport.Redis.Tests.Servers;
using StackExchange.Redis;

namespace EventBroker.FunctionalTests.Crash;

// Over one Redis.
public sealed class RedisHostsTests : TwoHostsTests
{
    private const string Stream = "eb:{e}";
    private const string Group = "g:n";

    private RedisServer? _redis;
    private ConnectionMultiplexer? _direct;

    [Fact]
    public async Task A_broker_that_stood_still_longer_than_the_idle_limit_takes_nothing_back()
    {
        await using var here = await OpenWorkerAsync(AtOne);
        await AtOne.Http.PublishAsync("e", "m-1");
        var held = await here.ReadAsync();
        await using var there = await OpenWorkerAsync(AtOther);
        Signals.Stop(One.ProcessId);
        var taken = await there.ReadAsync();
        Assert.Equal(("m-1", 1), (taken.Id, taken.RetryCount));
        var owner = await OwnerAsync();
        await StayAsync();
        Signals.Continue(One.ProcessId);

        // Whatever it does first, it is told that it lost it; and it goes on.
        Assert.Equal("expired", await here.SettleAsync(held.AckId));
        Assert.Equal(owner, await OwnerAsync());
        await AtOne.Http.PublishAsync("e", "m-2");
        await here.ExpectAsync("m-2", 0);
        Assert.Equal(owner, await OwnerAsync());
        Assert.Equal("settled", await there.SettleAsync(taken.AckId));
        Assert.Single(await PendingAsync());
    }

    protected override async Task<string> StartBackendAsync()
    {
        _redis = await RedisServer.StartAsync();
        _direct = await _redis.ConnectAsync();
        return $$"""{ "plugin": "redis", "settings": { "connectionString": "{{_redis.Address}}", "idleLimit": "2s" } }""";
    }

    protected override async ValueTask EndBackendAsync()
    {
        await (_direct?.DisposeAsync() ?? default);
        await (_redis?.DisposeAsync() ?? default);
    }

    // Who holds m-1 longer than that loses it all the same. For more by hand: EVENTBROKER_STOPPED=60.
    private static Task StayAsync() => Task.Delay(
        TimeSpan.FromSeconds(int.Parse(Environment.GetEnvironmentVariable("EVENTBROKER_STOPPED") ?? "0", CultureInfo.InvariantCulture)),
        TimeProvider.System);

    // Who holds the oldest of what is unsettled.
    private async Task<string> OwnerAsync() => (await PendingAsync())[0].ConsumerName.ToString();

    private Task<StreamPendingMessageInfo[]> PendingAsync() =>
        _direct!.GetDatabase().StreamPendingMessagesAsync(Stream, Group, 10, RedisValue.Null);
}
