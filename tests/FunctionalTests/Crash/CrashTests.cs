using System.Globalization;
using EventBroker.Client.Tests.Hosting;

namespace EventBroker.FunctionalTests.Crash;

public sealed class CrashTests(ITestOutputHelper output)
{
    // For more by hand: EVENTBROKER_CRASHES=200, and EVENTBROKER_SEED to choose other moments.
    private static readonly int Kills = Number("EVENTBROKER_CRASHES", 20);
    private static readonly int Seed = Number("EVENTBROKER_SEED", 1);

    [Fact]
    public async Task Killed_again_and_again_the_broker_loses_nothing_acknowledged_and_repeats_nothing_settled()
    {
        await using var broker = new BrokerProcess();
        await new CrashRun(broker, Kills, Seed).RunAsync(output);
    }

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
