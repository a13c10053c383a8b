using EventBroker.Loads.Tests;
using EventBroker.Sdk.Errors;

namespace EventBroker.Transport.Redis.Tests;

/// <summary>Redis and brokers die under load, again and again.</summary>
public sealed class CrashTests
{
    private const int Publishers = 4;
    private const int Crashes = 5;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_and_nothing_settled_comes_again()
    {
        await using var harness = await Harness.StartServerAsync("--appendonly", "yes", "--appendfsync", "always");
        var publisher = await harness.StartHostAsync();
        var load = await Load.BeginAsync(publisher, "one", "other");
        load.Publish(publisher, Publishers);
        var stays = await harness.StartHostAsync();
        _ = load.Consume(stays);
        for (var round = 0; round < Crashes; round++)
        {
            var dies = await StartPersistentlyAsync(harness);
            var dying = load.Consume(dies);
            await load.ComesOnAsync();
            await harness.CrashAsync(dies);
            await dying;
            await harness.Server.KillAsync();
            await harness.Server.StartAgainAsync();
            await load.ComesOnAsync();
        }

        await load.AllArriveAsync();
        await stays.DisposeAsync();
        await load.EndWorkersAsync();
        Assert.Empty(load.SeenAgain);
    }

    // A host that is started while Redis is away gets no further.
    private static async Task<RedisTransport> StartPersistentlyAsync(Harness harness)
    {
        while (true)
        {
            try
            {
                return await harness.StartHostAsync();
            }
            catch (BrokerException failure) when (failure.Code == BrokerErrorCode.Unavailable)
            {
                // Again.
            }
        }
    }
}
