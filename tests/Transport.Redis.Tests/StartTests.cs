using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Redis.Tests.Servers;

namespace EventBroker.Transport.Redis.Tests;

public sealed class StartTests
{
    [Fact]
    public async Task Without_redis_the_start_fails_and_says_what_to_do()
    {
        await using var harness = await Harness.ShareServerAsync();
        using var port = new ReservedPort();
        var failure = await Assert.ThrowsAsync<BrokerException>(() => harness.StartHostAsync(s =>
            (s.ConnectionString, s.StartTimeout) = ($"{port.EndPoint}", TimeSpan.FromSeconds(1))));
        Assert.Equal(BrokerErrorCode.Unavailable, failure.Code);
        Assert.Contains($"{port.EndPoint}", failure.Message, StringComparison.Ordinal);
        Assert.Contains("startWithoutRedis", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_it_may_it_starts_without_redis_and_serves_when_it_comes()
    {
        await using var harness = await Harness.StartServerAsync();
        await harness.Server.KillAsync();
        var host = await harness.StartHostAsync(static s => (s.StartWithoutRedis, s.StartTimeout) = (true, TimeSpan.FromSeconds(1)));
        var failure = await Assert.ThrowsAsync<BrokerException>(() => host.RegisterAsync("e", EventOptions.None, CancellationToken.None).AsTask());
        Assert.Equal(BrokerErrorCode.Unavailable, failure.Code);
        await harness.Server.StartAgainAsync();
        await host.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        await harness.PublishAsync(host, "e", "a");
    }

    [Fact]
    public async Task A_wrong_password_is_told_as_such_and_not_shown()
    {
        await using var harness = await Harness.StartServerAsync("--requirepass", "right");
        var failure = await Assert.ThrowsAsync<BrokerException>(() => harness.StartHostAsync(static s => s.Password = "wrong-one"));
        Assert.Contains("credentials", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-one", failure.ToString(), StringComparison.Ordinal);
        await harness.StartHostAsync(static s => s.Password = "right");
    }

    [Fact]
    public async Task An_acl_user_with_the_keys_and_channels_of_the_prefix_can_do_everything()
    {
        await using var harness = await Harness.StartServerAsync();
        var database = await harness.GetDatabaseAsync();
        await database.ExecuteAsync(
            "ACL", "SETUSER", "broker", "on", ">secret", $"~{harness.Prefix}:*", $"&{harness.Prefix}:*", "+@all", "-@dangerous", "+info", "-@admin");
        var host = await harness.StartHostAsync(s => s.ConnectionString = $"redis://broker:secret@{harness.Server.Address}/3");
        await host.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        var worker = await Harness.JoinAsync(host, "e");
        await harness.PublishAsync(host, "e", "a");
        Assert.Equal("a", await worker.CompleteNextAsync());
        Assert.Equal(["e"], await host.ListAsync(CancellationToken.None));
        await host.UnregisterAsync("e", CancellationToken.None);

        // In database 3, and nowhere else.
        Assert.Empty(await (await harness.StartHostAsync()).ListAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Without_a_sentinel_the_start_fails_and_says_what_to_do()
    {
        await using var harness = await Harness.ShareServerAsync();
        using var port = new ReservedPort();
        var failure = await Assert.ThrowsAsync<BrokerException>(() => harness.StartHostAsync(s =>
            (s.ConnectionString, s.StartTimeout) = ($"{port.EndPoint},serviceName=mymaster", TimeSpan.FromSeconds(1))));
        Assert.Equal(BrokerErrorCode.Unavailable, failure.Code);
        Assert.Contains("Sentinel", failure.Message, StringComparison.Ordinal);
        Assert.Contains("connectionString", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redis_that_is_too_old_is_refused_by_its_version()
    {
        await using var harness = await Harness.ShareServerAsync();
        await using var old = new OldRedis();
        var failure = await Assert.ThrowsAsync<BrokerException>(() => harness.StartHostAsync(s => s.ConnectionString = old.Address));
        Assert.Equal(BrokerErrorCode.FailedPrecondition, failure.Code);
        Assert.Contains("6.2.14", failure.Message, StringComparison.Ordinal);
        Assert.Contains("7.0 or newer", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redis_that_drops_whole_events_when_memory_is_short_is_refused_unless_that_is_wanted()
    {
        await using var harness = await Harness.StartServerAsync("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru");
        var failure = await Assert.ThrowsAsync<BrokerException>(() => harness.StartHostAsync());
        Assert.Equal(BrokerErrorCode.FailedPrecondition, failure.Code);
        Assert.Contains("allkeys-lru", failure.Message, StringComparison.Ordinal);
        Assert.Contains("allowEviction", failure.Message, StringComparison.Ordinal);
        var host = await harness.StartHostAsync(static s => s.AllowEviction = true);
        await host.RegisterAsync("e", EventOptions.None, CancellationToken.None);
    }
}
