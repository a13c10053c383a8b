using System.Globalization;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Redis.Tests.Servers;

namespace EventBroker.Transport.Redis.Tests;

/// <summary>A server that is there and does not do what it should.</summary>
public sealed class ServerFaultTests
{
    // A server that was started anew knows no script, and what gives unread messages back is sent a second time: behind the next fetch, if that
    // does not wait for it.
    [Fact]
    public async Task What_goes_back_unread_comes_again_before_what_is_newer_also_when_the_server_has_forgotten_the_scripts()
    {
        await using var harness = await Harness.StartServerAsync();
        var host = await harness.StartHostAsync();
        await host.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        var worker = await Harness.JoinAsync(host, "e");
        var other = await Harness.JoinAsync(host, "e", "other");
        await harness.PublishAsync(host, "e", "1", "2", "3", "4", "5", "6");
        for (var round = 0; round < 20; round++)
        {
            await worker.Demand(2).WaitAsync(Harness.Patience);
            await (await harness.GetDatabaseAsync()).ExecuteAsync("SCRIPT", "FLUSH");

            // The server knows again how to fetch, and nothing else.
            await other.SettleAsync([TestSubscriber.Release(await other.TakeOneAsync())]);
            Assert.Equal(0, worker.Subscription.Read([], int.MaxValue));
            var taken = await worker.TakeAsync(6);
            Assert.Equal(["1", "2", "3", "4", "5", "6"], taken.Select(TestSubscriber.Text));
            await worker.SettleAsync(taken.Select(d => TestSubscriber.Release(d, reason: SettlementReason.NeverSent)));
        }
    }

    [Fact]
    public async Task A_flush_of_the_scripts_is_not_noticed()
    {
        await using var harness = await Harness.StartServerAsync();
        var host = await harness.StartHostAsync();
        await host.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        var worker = await Harness.JoinAsync(host, "e");
        var database = await harness.GetDatabaseAsync();
        for (var round = 0; round < 3; round++)
        {
            await database.ExecuteAsync("SCRIPT", "FLUSH");
            await harness.PublishAsync(host, "e", "a");
            Assert.Equal("a", await worker.CompleteNextAsync());
        }
    }

    [Fact]
    public async Task Out_of_memory_refuses_what_is_published_and_still_delivers_and_settles()
    {
        await using var harness = await Harness.StartServerAsync();
        var host = await harness.StartHostAsync();
        await host.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        var worker = await Harness.JoinAsync(host, "e");
        await harness.PublishAsync(host, "e", "a", "b");
        var taken = await worker.TakeAsync(2);
        var database = await harness.GetDatabaseAsync();
        await database.ExecuteAsync("CONFIG", "SET", "maxmemory", "1");
        var failure = await Assert.ThrowsAsync<BrokerException>(() => harness.PublishAsync(host, "e", "c"));
        Assert.Equal(BrokerErrorCode.ResourceExhausted, failure.Code);
        Assert.Equal(TransportHealthStatus.Degraded, (await host.CheckHealthAsync(CancellationToken.None)).Status);
        Assert.Equal([SettlementOutcome.Done], await worker.CompleteAsync(taken[0]));

        // There is no memory for what waits: it stays where it is, and is given back later.
        await Assert.ThrowsAsync<BrokerException>(() => worker.ReleaseAsync(taken[1]));
        await database.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");
        Assert.Equal(SettlementOutcome.Done, await worker.ReleaseAsync(taken[1]));
        Assert.Equal("b", await worker.CompleteNextAsync());
        await harness.PublishAsync(host, "e", "c");
        Assert.Equal("c", await worker.CompleteNextAsync());
    }

    [Fact]
    public async Task A_policy_that_may_drop_events_is_told_by_health_when_it_comes_later()
    {
        await using var harness = await Harness.StartServerAsync();
        var host = await harness.StartHostAsync();
        var database = await harness.GetDatabaseAsync();
        await database.ExecuteAsync("CONFIG", "SET", "maxmemory", "100mb", "maxmemory-policy", "allkeys-random");
        var health = await host.CheckHealthAsync(CancellationToken.None);
        Assert.Equal(TransportHealthStatus.Degraded, health.Status);
        Assert.Contains("allkeys-random", health.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_became_something_else_is_named_as_the_fault_and_made_again_when_that_is_gone()
    {
        await using var harness = await Harness.ShareServerAsync();
        var host = await harness.StartHostAsync();
        await host.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        var worker = await Harness.JoinAsync(host, "e");
        var database = await harness.GetDatabaseAsync();
        await database.StringSetAsync(harness.Stream("e"), "text");
        var failure = await Assert.ThrowsAsync<BrokerException>(() => harness.PublishAsync(host, "e", "a"));
        Assert.Equal(BrokerErrorCode.FailedPrecondition, failure.Code);
        Assert.Contains("something else", failure.Message, StringComparison.Ordinal);
        await database.KeyDeleteAsync(harness.Stream("e"));
        await harness.PublishAsync(host, "e", "b");
        Assert.Equal("b", await worker.CompleteNextAsync());
    }

    [Fact]
    public async Task A_master_that_became_a_replica_is_told_as_unavailable_and_goes_on_when_it_is_one_again()
    {
        await using var harness = await Harness.StartServerAsync();
        await using var other = await RedisServer.StartAsync();
        var host = await harness.StartHostAsync();
        await host.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        await harness.PublishAsync(host, "e", "a");
        var database = await harness.GetDatabaseAsync();
        await database.ExecuteAsync("CONFIG", "SET", "replica-serve-stale-data", "yes");
        await database.ExecuteAsync("REPLICAOF", "127.0.0.1", other.Port.ToString(CultureInfo.InvariantCulture));
        var failure = await Assert.ThrowsAsync<BrokerException>(() => harness.PublishAsync(host, "e", "b"));
        Assert.Equal(BrokerErrorCode.Unavailable, failure.Code);
        Assert.Equal(TransportHealthStatus.Unhealthy, (await host.CheckHealthAsync(CancellationToken.None)).Status);
        await database.ExecuteAsync("REPLICAOF", "NO", "ONE");
        await harness.PublishPersistentlyAsync(host, "e", "c");
    }

    [Fact]
    public async Task Replicas_that_are_not_there_in_time_fail_the_publish()
    {
        await using var harness = await Harness.StartServerAsync();
        var host = await harness.StartHostAsync(static s => (s.Replicas, s.ReplicaTimeout) = (1, TimeSpan.FromSeconds(1)));
        await host.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        var message = new TransportMessage(harness.Message("a", "same"));
        var failure = await Assert.ThrowsAsync<BrokerException>(() => host.PublishAsync("e", message, CancellationToken.None).AsTask());
        Assert.Equal(BrokerErrorCode.Unavailable, failure.Code);
        Assert.Equal(TransportHealthStatus.Degraded, (await host.CheckHealthAsync(CancellationToken.None)).Status);
        await using var replica = await RedisServer.StartAsync(
            "--replicaof", "127.0.0.1 " + harness.Server.Port.ToString(CultureInfo.InvariantCulture));
        var database = await harness.GetDatabaseAsync();
        await Harness.UntilAsync(async () => (await database.ExecuteAsync("INFO", "replication")).ToString().Contains("state=online", StringComparison.Ordinal));

        // It was there after all, and the second attempt says so. A replica that has only just come takes its time for the first words.
        var patient = await harness.StartHostAsync(static s => (s.Replicas, s.ReplicaTimeout) = (1, Harness.Patience));
        Assert.True((await patient.PublishAsync("e", message, CancellationToken.None)).IsDuplicate);
        await harness.PublishAsync(patient, "e", "b");
        Assert.Equal(TransportHealthStatus.Healthy, (await host.CheckHealthAsync(CancellationToken.None)).Status);
    }

    [Fact]
    public async Task What_is_swallowed_in_between_fails_in_time_and_everything_goes_on_afterwards()
    {
        await using var harness = await Harness.ShareServerAsync();
        var host = await harness.StartHostAsync();
        await host.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        var worker = await Harness.JoinAsync(host, "e");
        var reader = await Harness.SubscribeAsync(host, "e");
        await harness.PublishAsync(host, "e", "a");
        await worker.CompleteNextAsync();
        harness.WireOf(host).Swallow();
        var message = new TransportMessage(harness.Message("b", "once"));
        var failure = await Assert.ThrowsAsync<BrokerException>(() => host.PublishAsync("e", message, CancellationToken.None).AsTask());
        Assert.Equal(BrokerErrorCode.Unavailable, failure.Code);
        Assert.Equal(TransportHealthStatus.Unhealthy, (await host.CheckHealthAsync(CancellationToken.None)).Status);
        harness.WireOf(host).Mend();
        await Harness.UntilAsync(async () =>
        {
            try
            {
                await host.PublishAsync("e", message, CancellationToken.None);
                return true;
            }
            catch (BrokerException again) when (again.Code == BrokerErrorCode.Unavailable)
            {
                return false;
            }
        });
        await harness.PublishPersistentlyAsync(host, "e", "c");
        Assert.Equal("b", await worker.CompleteNextAsync());
        Assert.Equal("c", await worker.CompleteNextAsync());
        Assert.Equal(["a", "b", "c"], await reader.TakeTextAsync(3));
        Assert.Equal(TransportHealthStatus.Healthy, (await host.CheckHealthAsync(CancellationToken.None)).Status);
    }
}
