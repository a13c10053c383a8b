using EventBroker.Broker;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.FunctionalTests.Stalled;
using EventBroker.FunctionalTests.Streams;

namespace EventBroker.FunctionalTests.Scenarios;

// Subscribers whose connections take no more bytes: they lose what they hold, and nobody waits for them.
public sealed class StalledStreamTests
{
    // More than any socket and window buffers.
    private const int Large = 8 * 1024 * 1024;

    // RST_STREAM codes.
    private const int RefusedStream = 7;

    private static readonly BrokerOptions Default = new();

    public static TheoryData<StalledKind> Kinds => new(Enum.GetValues<StalledKind>());

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_worker_that_takes_nothing_for_its_ack_timeout_is_cut_and_its_share_goes_to_the_others(StalledKind kind)
    {
        await using var host = await StartAsync();
        await using var stalled = await StallAsync(host, kind);
        await using var other = await StreamClient.OpenAsync(host, StreamProtocol.Sse, new StreamOptions { Mode = StreamMode.WorkerPool });

        host.Time.Advance(Default.AckTimeout);

        // The one was handed over; of the other, which was being written, nobody knows.
        Received[] both = [await other.ReadAsync(), await other.ReadAsync()];
        Assert.Equal([("m-1", 1), ("m-2", 1)], both.Select(static r => (r.Id, r.RetryCount)).Order());

        // The blocked write has come back, although nobody reads.
        await host.Requests.FallToAsync(1);
        AssertCut(kind, await stalled.ReadUpToCutAsync());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_drain_waits_for_a_blocked_write_for_the_close_timeout_at_the_most(StalledKind kind)
    {
        await using var host = await StartAsync();
        await using var stalled = await StallAsync(host, kind);
        var drained = host.Broker.DrainAsync(CancellationToken.None);
        Assert.False(drained.IsCompleted);
        host.Time.Advance(Default.CloseTimeout);

        await drained;
        await host.Requests.FallToAsync(0);
        AssertCut(kind, await stalled.ReadUpToCutAsync());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_identity_that_expires_ends_a_blocked_write_as_well(StalledKind kind)
    {
        await using var host = await StartAsync();
        var expiry = host.Time.GetUtcNow().AddSeconds(10);
        host.Authorizer.Decide = request =>
        {
            request.Caller.ExpiresAt = expiry;
            return Sdk.Authorization.AuthorizationDecision.Allow;
        };
        await using var stalled = await StallAsync(host, kind);
        host.Authorizer.Decide = null;
        await using var other = await StreamClient.OpenAsync(host, StreamProtocol.Sse, new StreamOptions { Mode = StreamMode.WorkerPool });

        host.Time.Advance(TimeSpan.FromSeconds(10));
        host.Time.Advance(Default.CloseTimeout);

        Received[] both = [await other.ReadAsync(), await other.ReadAsync()];
        Assert.Equal([("m-1", 1), ("m-2", 1)], both.Select(static r => (r.Id, r.RetryCount)).Order());
        await host.Requests.FallToAsync(1);
        AssertCut(kind, await stalled.ReadUpToCutAsync());
    }

    // Deliveries wait for such a write, too.
    [Fact]
    public async Task A_client_that_asks_for_results_and_does_not_read_them_is_cut()
    {
        await using var host = await StartAsync();
        await using var stalled = await StalledSocket.OpenAsync(host.HttpAddress, "/v1/events/e/subscribe", isUpgrade: true);
        var frame = $$"""{"type":"ack","ack_id":"{{new string('x', 30_000)}}","results":true}""";

        // Where the broker reads no faster than this writes, a frame waits until the broker is cut off: the clock must go on meanwhile.
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (true)
            {
                var sending = stalled.SendTextFrameAsync(frame);
                do
                {
                    host.Time.Advance(Default.AckTimeout);
                    using var meanwhile = await host.Http.GetAsync(new Uri("/healthz", UriKind.Relative));
                }
                while (!sending.IsCompleted);
                await sending;
            }
        });

        await host.Requests.FallToAsync(0);
    }

    private static async Task<BrokerHost> StartAsync()
    {
        // The system's own patience would run by another clock.
        var host = await BrokerHost.StartAsync(
            limits: static o => (o.MaxMessageBytes, o.MaxInFlightBytes) = (2 * Large, 4 * Large), options: static o => o.WriteTimeout = TimeSpan.Zero);
        await host.Http.RegisterAsync("e");
        return host;
    }

    // Holds m-1, which it has read, and has begun to read m-2, so that m-1 is known to be handed over.
    private static async Task<StalledClient> StallAsync(BrokerHost host, StalledKind kind)
    {
        var stalled = await StalledClient.OpenAsync(host, kind);
        await host.PublishAsync("e", "m-1", []);
        await stalled.ReadUpToAsync("m-1");
        await host.PublishAsync("e", "m-2", new byte[Large]);
        await stalled.ReadUpToAsync("m-2");
        return stalled;
    }

    // For gRPC clients the same as UNAVAILABLE: they come back.
    private static void AssertCut(StalledKind kind, int? code)
    {
        if (kind is StalledKind.GrpcSocket or StalledKind.GrpcWindow)
        {
            Assert.Equal(RefusedStream, code);
        }
    }
}
