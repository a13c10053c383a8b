using EventBroker.Client.Tests.Hosting;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Streams;

namespace EventBroker.FunctionalTests.Crash;

// Two brokers over one nats-server, of which one dies, stands still or ends.
public sealed class JetStreamHostsTests : IAsyncLifetime
{
    private CrashNats _nats = null!;
    private BrokerProcess _one = null!;
    private BrokerProcess _other = null!;
    private ServedBroker _atOne = null!;
    private ServedBroker _atOther = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The numbers of signals are those of Linux.");
        _nats = await CrashNats.StartAsync();
        _one = new BrokerProcess(transport: _nats.Transport);
        _other = new BrokerProcess(transport: _nats.Transport);
        await Task.WhenAll(_one.StartAsync(), _other.StartAsync());
        _atOne = new ServedBroker(_one);
        _atOther = new ServedBroker(_other);
        await _atOne.Http.RegisterAsync("e");
    }

    public async ValueTask DisposeAsync()
    {
        await (_atOne?.DisposeAsync() ?? default);
        await (_atOther?.DisposeAsync() ?? default);
        await (_one?.DisposeAsync() ?? default);
        await (_other?.DisposeAsync() ?? default);
        await (_nats?.DisposeAsync() ?? default);
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
    public async Task A_broker_that_stood_still_longer_than_the_ack_wait_takes_nothing_back()
    {
        await using var here = await OpenAsync(_atOne);
        await _atOne.Http.PublishAsync("e", "m-1");
        var held = await here.ReadAsync();
        await using var there = await OpenAsync(_atOther);
        Signals.Stop(_one.ProcessId);
        var taken = await there.ReadAsync();
        Assert.Equal(("m-1", 1), (taken.Id, taken.RetryCount));
        Signals.Continue(_one.ProcessId);

        Assert.Equal("expired", await here.SettleAsync(held.AckId));
        await _atOne.Http.PublishAsync("e", "m-2");
        await here.ExpectAsync("m-2", 0);
        Assert.Equal("settled", await there.SettleAsync(taken.AckId));
    }

    // What it has fetched and nobody has read goes back before the connection goes, and what was answered is taken.
    [Fact]
    public async Task A_broker_that_is_told_to_end_amid_many_messages_leaves_nothing_behind_that_was_settled()
    {
        const int Count = 2_000;
        await _atOne.Http.PublishAsync("e", "m-0");
        var settled = new HashSet<string>(StringComparer.Ordinal);
        await using (var worker = await OpenAsync(_atOne, maxInFlight: 1000))
        {
            for (var i = 1; i < Count; i++)
            {
                await _atOther.Http.PublishAsync("e", $"m-{i}");
            }

            while (settled.Count < Count / 2)
            {
                var received = await worker.ReadAsync();
                Assert.Equal("settled", await worker.SettleAsync(received.AckId));
                Assert.True(settled.Add(received.Id));
            }

            Signals.Terminate(_one.ProcessId);
            await _one.EndedAsync();
        }

        await _one.StartAsync();
        await using var again = await OpenAsync(_atOne, maxInFlight: 1000);
        while (settled.Count < Count)
        {
            var received = await again.ReadAsync();
            Assert.True(settled.Add(received.Id), $"{received.Id} was settled, and came again");
            Assert.Equal("settled", await again.SettleAsync(received.AckId));
        }
    }

    private static Task<StreamClient> OpenAsync(ServedBroker broker, int maxInFlight = 1) => StreamClient.OpenAsync(
        broker, StreamProtocol.Grpc, StreamOptions.Of(StreamMode.WorkerPool) with { MaxInFlight = maxInFlight, StartFrom = "beginning" });
}
