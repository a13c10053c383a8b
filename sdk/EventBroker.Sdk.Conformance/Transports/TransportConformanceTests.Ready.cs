using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

public abstract partial class TransportConformanceTests<TFixture>
{
    [TransportFact]
    public async Task A_subscription_that_found_nothing_is_signalled_once_there_is_more()
    {
        var subscriber = await SubscribeAsync();
        for (var i = 0; i < 20; i++)
        {
            var next = subscriber.DemandWhenEmpty();
            await PublishAsync("a");
            await next.WaitAsync(Fixture.Patience);
            Assert.Equal(["a"], await subscriber.TakeTextAsync(1));
        }
    }

    [TransportFact(TransportCapability.Broadcast)]
    public async Task Many_waiting_subscriptions_are_all_signalled()
    {
        var subscribers = new List<TestSubscriber>();
        for (var i = 0; i < 100; i++)
        {
            subscribers.Add(await SubscribeAsync());
        }

        for (var round = 0; round < 3; round++)
        {
            var signals = subscribers.ConvertAll(static s => s.DemandWhenEmpty());
            await PublishAsync("a");
            await Task.WhenAll(signals).WaitAsync(Fixture.Patience);
            foreach (var subscriber in subscribers)
            {
                Assert.Equal(["a"], await subscriber.TakeTextAsync(1));
            }
        }
    }

    [TransportFact]
    public async Task No_signal_is_lost_between_reading_and_publishing()
    {
        var count = Fixture.Rounds;
        var broadcast = await SubscribeAsync();
        var publisher = Task.Run(() => PublishAsync(Numbers(0, count)));

        // One at a time: each demand but the last few comes right beside a publish.
        for (var i = 0; i < count; i++)
        {
            await broadcast.TakeAsync(1);
        }

        await publisher;
    }

    [TransportFact(TransportCapability.WorkerGroups)]
    public async Task No_signal_is_lost_between_the_members_of_a_group()
    {
        var count = Fixture.Rounds;
        var seen = 0;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var members = new List<TestSubscriber> { await JoinAsync(), await JoinAsync(), await JoinAsync() };
        var workers = members.ConvertAll(member => Task.Run(async () =>
        {
            while (!done.Task.IsCompleted)
            {
                var read = member.ReadOnce(5);
                await member.CompleteAsync(read);
                if (read.Count > 0 && Interlocked.Add(ref seen, read.Count) >= count)
                {
                    done.SetResult();
                }
                else if (read.Count < 5)
                {
                    await Task.WhenAny(member.Demand(5), done.Task).WaitAsync(Fixture.Patience);
                }
            }
        }));
        await PublishAsync(Numbers(0, count));
        await done.Task.WaitAsync(Fixture.Patience);
        await Task.WhenAll(workers);
        Assert.Equal(count, seen);
    }

    [TransportFact]
    public async Task A_disposed_transport_ends_subscriptions_with_unavailable_and_takes_no_more_calls()
    {
        var subscriber = await SubscribeAsync();
        var next = subscriber.DemandWhenEmpty();
        await Transport.DisposeAsync();
        await next.WaitAsync(Fixture.Patience);
        Assert.Equal(BrokerErrorCode.Unavailable, Assert.Throws<BrokerException>(() => subscriber.ReadOnce()).Code);
        await FailsAsync(BrokerErrorCode.Unavailable, () => PublishAsync("a"));
        await FailsAsync(BrokerErrorCode.Unavailable, () => SubscribeAsync());
        await FailsAsync(
            BrokerErrorCode.Unavailable, () => Transport.RegisterAsync(Fixture.NewEventName(), EventOptions.None, CancellationToken.None).AsTask());
        await Transport.DisposeAsync();
    }
}
