using System.Diagnostics.Metrics;
using System.Globalization;
using EventBroker.Sdk.Tests.Transports.SinglePlace;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Memory;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventBroker.Broker.Tests.RandomSettlement;

/// <summary>Random sequences of everything that can happen to a delivery, against a model. What holds after each step: nothing settled comes
/// back, nothing comes before its time, no message is in two hands, counts and answers are right; and whenever everything works,
/// whatever is due is in somebody's hands. In the end nothing is left anywhere.</summary>
public class RandomSettlementTests(ITestOutputHelper output)
{
    private const int Steps = 2_000;
    private const int SeedsEach = 84;

    // Six rows: a million steps in all.
    [Theory]
    [InlineData("memory", 0)]
    [InlineData("memory", 1)]
    [InlineData("memory", 2)]
    [InlineData("single-place", 0)]
    [InlineData("single-place", 1)]
    [InlineData("single-place", 2)]
    public async Task Whatever_happens_to_deliveries_the_answers_are_true(string transport, int audience)
    {
        // EVENTBROKER_SEED repeats the one that failed.
        var given = int.TryParse(Environment.GetEnvironmentVariable("EVENTBROKER_SEED"), CultureInfo.InvariantCulture, out var repeated);
        var first = given ? repeated : Random.Shared.Next(int.MaxValue - SeedsEach);
        var count = given ? 1 : SeedsEach;
        output.WriteLine($"seeds {first} to {first + count - 1}, {Steps} steps each");
        for (var seed = first; seed < first + count; seed++)
        {
            await RunAsync(transport, audience, seed);
        }
    }

    private static async Task RunAsync(string transport, int audience, int seed)
    {
        using var meter = new Meter("random");
        var step = 0;
        try
        {
            await using var world = await RandomWorld.StartAsync(
                seed, clock => Make(transport, clock, meter), (RandomWorld.Audience)audience, forgets: transport != "memory");
            for (; step < Steps; step++)
            {
                await world.StepAsync();
            }

            await world.FinishAsync();
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"seed {seed}, step {step}, {transport}, audience {audience}: {failure.Message}", failure);
        }
    }

    private static ITransport Make(string transport, TimeProvider clock, Meter meter) => transport == "memory"
        ? new MemoryTransport("local", new MemorySettings { Retention = TimeSpan.FromDays(365) }, clock, meter, NullLogger.Instance)
        : new SinglePlaceTransport();
}
