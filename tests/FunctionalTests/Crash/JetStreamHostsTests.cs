using EventBroker.FunctionalTests.Clients;

namespace EventBroker.FunctionalTests.Crash;

// Over one nats-server.
public sealed class JetStreamHostsTests : TwoHostsTests
{
    private CrashNats? _nats;

    [Fact]
    public async Task A_broker_that_stood_still_longer_than_the_ack_wait_takes_nothing_back()
    {
        await using var here = await OpenWorkerAsync(AtOne);
        await AtOne.Http.PublishAsync("e", "m-1");
        var held = await here.ReadAsync();
        await using var there = await OpenWorkerAsync(AtOther);
        Signals.Stop(One.ProcessId);
        var taken = await there.ReadAsync();
        Assert.Equal(("m-1", 1), (taken.Id, taken.RetryCount));
        Signals.Continue(One.ProcessId);

        Assert.Equal("expired", await here.SettleAsync(held.AckId));
        await AtOne.Http.PublishAsync("e", "m-2");
        await here.ExpectAsync("m-2", 0);
        Assert.Equal("settled", await there.SettleAsync(taken.AckId));
    }

    // What it has fetched and nobody has read goes back before the connection goes, and what was answered is taken.
    [Fact]
    public async Task A_broker_that_is_told_to_end_amid_many_messages_leaves_nothing_behind_that_was_settled()
    {
        const int Count = 2_000;
        await AtOne.Http.PublishAsync("e", "m-0");
        var settled = new HashSet<string>(StringComparer.Ordinal);
        await using (var worker = await OpenWorkerAsync(AtOne, maxInFlight: 1000))
        {
            for (var i = 1; i < Count; i++)
            {
                await AtOther.Http.PublishAsync("e", $"m-{i}");
            }

            while (settled.Count < Count / 2)
            {
                var received = await worker.ReadAsync();
                Assert.Equal("settled", await worker.SettleAsync(received.AckId));
                Assert.True(settled.Add(received.Id));
            }

            Signals.Terminate(One.ProcessId);
            await One.EndedAsync();
        }

        await One.StartAsync();
        await using var again = await OpenWorkerAsync(AtOne, maxInFlight: 1000);
        while (settled.Count < Count)
        {
            var received = await again.ReadAsync();
            Assert.True(settled.Add(received.Id), $"{received.Id} was settled, and came again");
            Assert.Equal("settled", await again.SettleAsync(received.AckId));
        }
    }

    protected override async Task<string> StartBackendAsync()
    {
        _nats = await CrashNats.StartAsync();
        return _nats.Transport;
    }

    protected override ValueTask EndBackendAsync() => _nats?.DisposeAsync() ?? default;
}
