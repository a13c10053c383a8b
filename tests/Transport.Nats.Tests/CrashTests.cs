using System.Globalization;
using EventBroker.Loads.Tests;
using EventBroker.Nats.Tests;

namespace EventBroker.Transport.Nats.Tests;

/// <summary>The server dies under load. What it had is lost, as is said everywhere; nothing hangs, and all goes on by itself.</summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    // For more by hand: EVENTBROKER_CRASHES=20.
    private static readonly int Kills = Environment.GetEnvironmentVariable("EVENTBROKER_CRASHES") is { Length: > 0 } text
        ? int.Parse(text, CultureInfo.InvariantCulture)
        : 3;

    [Fact]
    public async Task Publishers_and_workers_of_two_hosts_go_on_after_each_death_of_the_server_and_of_a_host()
    {
        await using var server = await NatsServer.StartAsync("-js");
        await using var here = await NatsTransports.StartAsync(server.Address);
        var there = await NatsTransports.StartAsync(server.Address);
        var load = await Load.BeginAsync(here, "one", "other");
        load.NeedsSubscribers = true;
        load.Publish(here, 3);
        _ = load.Consume(here);
        for (var kill = 0; kill < Kills; kill++)
        {
            var working = load.Consume(there);
            await load.ComesOnAsync();
            await server.KillAsync();
            await server.StartAgainAsync();
            await load.ComesOnAsync();

            // A host that ends leaves the work to the other.
            await there.DisposeAsync();
            await working;
            await load.ComesOnAsync();
            there = await NatsTransports.StartAsync(server.Address);
        }

        await load.EndPublishersAsync();
        await load.EndWorkersAsync();
        await there.DisposeAsync();
        output.WriteLine(
            $"{load.Acknowledged} acknowledged, {load.Refused} refused; group one has not seen {load.CountUnseen("one")} of them, "
            + $"group other {load.CountUnseen("other")}; {load.Missed} were told as missed");
    }
}
