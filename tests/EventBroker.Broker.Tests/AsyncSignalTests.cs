using EventBroker.Broker.Subscribing;

namespace EventBroker.Broker.Tests;

public class AsyncSignalTests
{
    [Fact]
    public async Task A_signal_without_a_waiter_is_remembered_once()
    {
        var signal = new AsyncSignal();
        signal.Set();
        signal.Set();

        await signal.WaitAsync();
        var second = signal.WaitAsync().AsTask();
        Assert.False(second.IsCompleted);
        signal.Set();
        await second;
    }

    [Fact]
    public async Task No_signal_is_lost_between_two_threads()
    {
        const int Rounds = 20_000;
        var there = new AsyncSignal();
        var back = new AsyncSignal();
        var echo = Task.Run(async () =>
        {
            for (var i = 0; i < Rounds; i++)
            {
                await there.WaitAsync();
                back.Set();
            }
        });
        for (var i = 0; i < Rounds; i++)
        {
            there.Set();
            await back.WaitAsync();
        }

        await echo;
    }
}
