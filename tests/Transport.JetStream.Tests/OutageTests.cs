using System.Globalization;
using EventBroker.Loads.Tests;
using EventBroker.Nats.Tests;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.JetStream.Tests.Hosting;

namespace EventBroker.Transport.JetStream.Tests;

// What happens between a host and its server in the middle of load.
public sealed class OutageTests(ITestOutputHelper output) : IAsyncLifetime
{
    // How long it lasts once everybody has noticed. For more by hand: EVENTBROKER_OUTAGE=10.
    private static readonly TimeSpan Stay = TimeSpan.FromSeconds(
        Environment.GetEnvironmentVariable("EVENTBROKER_OUTAGE") is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : 0);

    private NatsServer _server = null!;
    private Wire _wire = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await NatsServer.StartAsync("-js");
        _wire = new Wire(_server.Port);
    }

    public async ValueTask DisposeAsync()
    {
        await _wire.DisposeAsync();
        await _server.DisposeAsync();
    }

    public enum Kind
    {
        Cut,
        Delayed,
        Swallowed,
    }

    [Theory]
    [InlineData(Kind.Cut)]
    [InlineData(Kind.Delayed)]
    [InlineData(Kind.Swallowed)]
    public async Task Publishers_hear_the_truth_and_consumers_go_on_by_themselves(Kind kind)
    {
        await using var host = await JetStreamTransports.StartAsync(
            _wire.Address,
            s =>
            {
                // What is only late is not to be taken for gone.
                (s.PingInterval, s.RequestTimeout) = kind == Kind.Delayed
                    ? (TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20))
                    : (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3));
                (s.AckWait, s.DeduplicationWindow) = (TimeSpan.FromSeconds(10), TimeSpan.FromHours(1));
            });
        var load = await Load.BeginAsync(host, "one", "other");
        load.Publish(host, 4);
        _ = load.Consume(host);
        await load.ComesOnAsync();
        var begin = TimeProvider.System.GetTimestamp();
        var acknowledged = load.Acknowledged;
        if (kind == Kind.Delayed)
        {
            _wire.Delay(TimeSpan.FromMilliseconds(500));

            // Late, and true; health says how late: both ways, less the fraction of a tick by which a timer may come early.
            await load.ComesOnAsync(8);
            var latency = (await host.CheckHealthAsync(CancellationToken.None)).Details["latency"];
            Assert.True(double.Parse(latency[..^2], CultureInfo.InvariantCulture) >= 950, latency);
        }
        else
        {
            (kind == Kind.Cut ? (Action)_wire.Cut : () => _wire.Swallow(true))();
            await Load.UntilAsync(async () => await HealthAsync(host) == TransportHealthStatus.Unhealthy);
            output.WriteLine($"health showed it after {TimeProvider.System.GetElapsedTime(begin).TotalMilliseconds:F0} ms");
            await Load.UntilAsync(() => Task.FromResult(load.Refused >= 4));
        }

        await Task.Delay(Stay, TimeProvider.System);
        var during = load.Acknowledged - acknowledged;
        _wire.Delay(TimeSpan.Zero);
        _wire.Swallow(false);
        _wire.Mend();
        begin = TimeProvider.System.GetTimestamp();
        await load.ComesOnAsync();
        await Load.UntilAsync(async () => await HealthAsync(host) == TransportHealthStatus.Healthy);
        output.WriteLine(
            $"{during} acknowledged meanwhile, {load.Refused} refused; well again after {TimeProvider.System.GetElapsedTime(begin).TotalMilliseconds:F0} ms");
        await load.AllArriveAsync();
        await load.EndWorkersAsync();
        var (missing, twice) = await load.CompareAsync(host);
        Assert.Empty(missing);

        // What was refused had been tried again under its id, whether or not it had arrived.
        Assert.Empty(twice);
        Assert.Empty(load.SeenAgain);
    }

    private static async Task<TransportHealthStatus> HealthAsync(JetStreamTransport host) => (await host.CheckHealthAsync(CancellationToken.None)).Status;
}
