using FsCheck.Xunit;

namespace EventBroker.Transport.Memory.Tests;

public sealed class PlacePropertyTests
{
    [Property(MaxTest = 500, StartSize = 50, EndSize = 400)]
    public Task A_group_loses_nothing_and_meets_every_due_time_whatever_its_members_do((byte What, byte Which, byte How)[] steps) =>
        RunAsync(steps, isConsumer: false);

    [Property(MaxTest = 500, StartSize = 50, EndSize = 400)]
    public Task A_consumer_id_loses_nothing_and_meets_every_due_time_whatever_its_holders_do((byte What, byte Which, byte How)[] steps) =>
        RunAsync(steps, isConsumer: true);

    private static async Task RunAsync((byte What, byte Which, byte How)[] steps, bool isConsumer)
    {
        await using var harness = await Harness.StartAsync(new MemorySettings { Retention = TimeSpan.FromDays(100) });
        var model = new PlaceModel(harness, isConsumer);
        await model.StepAsync(2, 0, 0);
        foreach (var (what, which, how) in steps)
        {
            await model.StepAsync(what, which, how);
        }

        await model.FinishAsync();
    }
}
