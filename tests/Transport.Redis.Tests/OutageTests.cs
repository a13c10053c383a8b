using System.Globalization;
using EventBroker.Loads.Tests;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Redis.Tests;

/// <summary>What happens between a broker and Redis in the middle of load.</summary>
public sealed class OutageTests(ITestOutputHelper output)
{
    // How long it lasts once everybody has noticed. For more by hand: EVENTBROKER_OUTAGE=10.
    private static readonly TimeSpan Stay = TimeSpan.FromSeconds(
        Environment.GetEnvironmentVariable("EVENTBROKER_OUTAGE") is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : 0);

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
        await using var harness = await Harness.ShareServerAsync();
        var host = await harness.StartHostAsync(static s => (s.Timeout, s.IdleLimit) = (TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5)));
        var load = await Load.BeginAsync(host, "one", "other");
        load.Publish(host, 4);
        _ = load.Consume(host);
        await load.ComesOnAsync();
        var wire = harness.WireOf(host);
        var begin = TimeProvider.System.GetTimestamp();
        var acknowledged = load.Acknowledged;
        if (kind == Kind.Delayed)
        {
            wire.Delay(TimeSpan.FromMilliseconds(500));

            // Late, and true; health says how late: both ways, less the fraction of a tick by which a timer may come early.
            await load.ComesOnAsync(8);
            var latency = (await host.CheckHealthAsync(CancellationToken.None)).Details["latency"];
            Assert.True(double.Parse(latency[..^2], CultureInfo.InvariantCulture) >= 950, latency);
        }
        else
        {
            (kind == Kind.Cut ? (Action)wire.Cut : wire.Swallow)();
            await Harness.UntilAsync(async () => (await HealthAsync(host)) == TransportHealthStatus.Unhealthy);
            output.WriteLine($"health showed it after {TimeProvider.System.GetElapsedTime(begin).TotalMilliseconds:F0} ms");
            await Harness.UntilAsync(() => Task.FromResult(load.Refused >= 4));
        }

        await Task.Delay(Stay, TimeProvider.System);
        var during = load.Acknowledged - acknowledged;
        wire.Mend();
        begin = TimeProvider.System.GetTimestamp();
        await load.ComesOnAsync();
        await Harness.UntilAsync(async () => (await HealthAsync(host)) == TransportHealthStatus.Healthy);
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

    private static async Task<TransportHealthStatus> HealthAsync(RedisTransport host) => (await host.CheckHealthAsync(CancellationToken.None)).Status;
}
