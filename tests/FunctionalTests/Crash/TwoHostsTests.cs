using EventBroker.Client.Tests.Hosting;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Streams;

namespace EventBroker.FunctionalTests.Crash;

// Two brokers over one backend, of which one dies, stands still or ends.
public abstract class TwoHostsTests : IAsyncLifetime
{
    private BrokerProcess _one = null!;
    private BrokerProcess _other = null!;
    private ServedBroker _atOne = null!;
    private ServedBroker _atOther = null!;

    private protected BrokerProcess One => _one;

    private protected ServedBroker AtOne => _atOne;

    private protected ServedBroker AtOther => _atOther;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The numbers of signals are those of Linux.");
        var transport = await StartBackendAsync();
        _one = new BrokerProcess(transport: transport);
        _other = new BrokerProcess(transport: transport);
        await Task.WhenAll(_one.StartAsync(), _other.StartAsync());
        _atOne = new ServedBroker(_one);
        _atOther = new ServedBroker(_other);
        await _atOne.Http.RegisterAsync("e");
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await (_atOne?.DisposeAsync() ?? default);
        await (_atOther?.DisposeAsync() ?? default);
        await (_one?.DisposeAsync() ?? default);
        await (_other?.DisposeAsync() ?? default);
        await EndBackendAsync();
    }

    [Fact]
    public async Task Workers_of_two_brokers_share_the_work_and_what_a_killed_one_held_goes_to_the_other()
    {
        await using var here = await OpenWorkerAsync(AtOne);
        await using var there = await OpenWorkerAsync(AtOther);
        await AtOne.Http.PublishAsync("e", "m-1");
        await AtOther.Http.PublishAsync("e", "m-2");

        // Each takes one, and no more until that is settled.
        var held = await here.ReadAsync();
        var done = await there.ReadAsync();
        Assert.Equal(["m-1", "m-2"], new[] { held.Id, done.Id }.Order());
        One.Kill();
        Assert.Equal("settled", await there.SettleAsync(done.AckId));
        await there.ExpectAsync(held.Id, 1);
    }

    // Says how plugins.json names it.
    protected abstract Task<string> StartBackendAsync();

    protected abstract ValueTask EndBackendAsync();

    private protected static Task<StreamClient> OpenWorkerAsync(ServedBroker broker, int maxInFlight = 1) => StreamClient.OpenAsync(
        broker, StreamProtocol.Grpc, StreamOptions.Of(StreamMode.WorkerPool) with { MaxInFlight = maxInFlight, StartFrom = "beginning" });
}
