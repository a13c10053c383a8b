using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Log.Tests;

/// <summary>What becomes of the log when somebody else lays hands on its files.</summary>
public sealed class FileFaultTests
{
    [Fact]
    public async Task Nothing_is_acknowledged_any_more_when_the_folder_is_removed_and_health_says_why()
    {
        await using var log = await Harness.CreateAsync();
        await log.PublishAsync("a");
        var worker = await log.JoinAsync();
        var held = await worker.TakeOneAsync();
        Directory.Delete(log.Directory, recursive: true);

        for (var i = 0; i < 2; i++)
        {
            var failure = await Assert.ThrowsAsync<BrokerException>(() => log.PublishAsync("b"));
            Assert.Equal(BrokerErrorCode.Unavailable, failure.Code);
            Assert.Equal([SettlementOutcome.Failed], await worker.CompleteAsync(held));
            await log.Transport.HousekeepAsync();
        }

        var health = await log.Transport.CheckHealthAsync(CancellationToken.None);
        Assert.Equal(TransportHealthStatus.Unhealthy, health.Status);
        Assert.Contains("was removed", health.Message, StringComparison.Ordinal);

        await log.Transport.DisposeAsync();
        log.Open();
        Assert.Empty(await log.Transport.ListAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_folder_that_can_only_be_read_is_refused_with_the_reason()
    {
        using var disk = SmallFileSystem.Mount(mebibytes: 64);
        await using var log = await Harness.CreateAsync(root: disk.Path);
        await log.PublishAsync("a");
        await log.Transport.DisposeAsync();
        disk.Remount(readOnly: true);
        var failure = Assert.Throws<BrokerException>(log.Open);
        Assert.Equal(BrokerErrorCode.FailedPrecondition, failure.Code);
        Assert.Contains("Read-only file system", failure.Message, StringComparison.Ordinal);

        disk.Remount(readOnly: false);
        log.Open();
        Assert.Equal(["a"], await (await log.SubscribeAsync()).TakeTextAsync(1));
    }
}
