using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Settings;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Memory.Tests;

public sealed class ConcurrencyTests
{
    private const int Publishers = 3;
    private const int PerPublisher = 5_000;

    [Fact]
    public async Task Every_broadcast_subscription_sees_each_publishers_messages_in_order()
    {
        await using var harness = await Harness.StartAsync();
        var subscribers = new List<TestSubscriber>();
        for (var i = 0; i < 8; i++)
        {
            subscribers.Add(await harness.SubscribeAsync());
        }

        var readers = subscribers.ConvertAll(s => Task.Run(() => s.TakeAsync(Publishers * PerPublisher)));
        await PublishFromManyAsync(harness);
        IReadOnlyList<int>? expected = null;
        foreach (var reader in readers)
        {
            var numbers = Harness.Numbers(await reader);
            expected ??= numbers;
            Assert.Equal(expected, numbers);
            AssertOrderPerPublisher(numbers);
        }
    }

    [Fact]
    public async Task A_reader_that_retention_overtakes_never_sees_a_message_twice_or_miscounts()
    {
        await using var harness = await Harness.StartAsync(new MemorySettings
        {
            MaxMessagesPerEvent = 50,
            MaxBytesPerEvent = ByteSize.FromKibibytes(8),
        });
        var subscriber = await harness.SubscribeAsync();
        var reader = Task.Run(async () =>
        {
            long seen = 0;
            var last = 0UL;
            while (seen < Publishers * PerPublisher)
            {
                var delivery = (await subscriber.TakeAsync(1))[0];
                Assert.Equal(last + (ulong)delivery.Missed + 1, delivery.Position.Low);
                last = delivery.Position.Low;
                seen += 1 + delivery.Missed;
            }

            return seen;
        });
        await PublishFromManyAsync(harness);
        Assert.Equal(Publishers * PerPublisher, await reader);
    }

    [Fact]
    public async Task A_group_whose_members_come_go_and_give_back_completes_every_message_once()
    {
        await using var harness = await Harness.StartAsync();
        await (await harness.JoinAsync()).DisposeAsync();
        var completed = new int[Publishers * PerPublisher];
        var left = completed.Length;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var workers = Enumerable.Range(0, 4).Select(seed => Task.Run(async () =>
        {
            var random = new Random(seed);
            while (!done.Task.IsCompleted)
            {
                await using var member = await harness.JoinAsync();
                for (var reads = random.Next(1, 40); reads > 0 && !done.Task.IsCompleted; reads--)
                {
                    var wanted = random.Next(1, 100);
                    var read = member.ReadOnce(wanted);
                    foreach (var delivery in read)
                    {
                        var fate = random.Next(10);
                        if (fate == 0)
                        {
                            await member.ReleaseAsync(delivery);
                        }
                        else if (fate > 1)
                        {
                            Assert.Equal([SettlementOutcome.Done], await member.CompleteAsync(delivery));
                            Interlocked.Increment(ref completed[Harness.Number(delivery)]);
                            if (Interlocked.Decrement(ref left) == 0)
                            {
                                done.SetResult();
                            }
                        }
                    }

                    // Whatever was not settled goes back when the member leaves; one that holds nothing may wait.
                    if (read.Count == 0)
                    {
                        break;
                    }
                }
            }
        })).ToArray();
        await PublishFromManyAsync(harness);
        await done.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await Task.WhenAll(workers);
        Assert.All(completed, static count => Assert.Equal(1, count));
    }

    [Fact]
    public async Task Settling_from_several_threads_gives_each_delivery_one_answer_and_loses_none()
    {
        const int count = 1_000;
        await using var harness = await Harness.StartAsync();
        var member = await harness.OpenAsync();
        await harness.PublishAsync(count);
        var held = await member.TakeAsync(count);

        // Every delivery is settled by two threads, in opposite orders: one of them gets it.
        var completed = new bool[count];
        var done = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(async () =>
        {
            var mine = held.Where(d => Harness.Number(d) % 2 == thread % 2);
            foreach (var delivery in thread < 2 ? mine : mine.Reverse())
            {
                var number = Harness.Number(delivery);
                var releases = (number + thread) % 3 == 0;
                var outcome = releases
                    ? await member.ReleaseAsync(delivery, TimeSpan.FromMilliseconds(number % 7))
                    : (await member.CompleteAsync(delivery))[0];
                if (outcome == SettlementOutcome.Done)
                {
                    Interlocked.Increment(ref done);
                    completed[number] |= !releases;
                }
            }
        })));
        Assert.Equal(count, done);
        harness.Clock.Advance(TimeSpan.FromMilliseconds(10));
        var again = member.ReadOnce(count);
        Assert.Equal(Enumerable.Range(0, count).Where(n => !completed[n]), Harness.Numbers(again).Order());
        Assert.All(again, static d => Assert.Equal(1, d.RetryCount));
    }

    [Fact]
    public async Task A_consumer_id_that_is_taken_over_again_and_again_completes_every_message_once()
    {
        await using var harness = await Harness.StartAsync();
        await harness.PublishAsync(PerPublisher);
        var completed = new int[PerPublisher];
        var left = PerPublisher;
        await harness.SeekAsync(PlaceKind.ConsumerId, "c", StartPosition.Beginning);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(seed => Task.Run(async () =>
        {
            var random = new Random(seed);
            while (Volatile.Read(ref left) > 0)
            {
                await using var subscriber = await harness.OpenAsync();
                try
                {
                    for (var reads = random.Next(1, 20); reads > 0; reads--)
                    {
                        foreach (var delivery in subscriber.ReadOnce(random.Next(1, 50)))
                        {
                            if (random.Next(10) > 0 && (await subscriber.CompleteAsync(delivery))[0] == SettlementOutcome.Done)
                            {
                                Interlocked.Increment(ref completed[Harness.Number(delivery)]);
                                Interlocked.Decrement(ref left);
                            }
                        }
                    }
                }
                catch (Sdk.Errors.BrokerException ended) when (ended.Code == Sdk.Errors.BrokerErrorCode.Aborted)
                {
                    // Another one has taken the consumer id over.
                }
            }
        })));
        Assert.All(completed, static count => Assert.Equal(1, count));
    }

    [Fact]
    public async Task Unregistering_beside_publishers_and_subscribers_ends_them_all_and_leaves_no_memory()
    {
        await using var harness = await Harness.StartAsync();
        for (var round = 0; round < 50; round++)
        {
            var name = "round" + round.ToString(System.Globalization.CultureInfo.InvariantCulture);
            await harness.Transport.RegisterAsync(name, EventOptions.None, CancellationToken.None);
            var subscriber = await harness.SubscribeAsync(eventName: name);
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var publisher = Task.Run(async () =>
            {
                for (var i = 0; ; i++)
                {
                    await harness.Transport.PublishAsync(name, new TransportMessage(Harness.Message(i)), CancellationToken.None);
                    started.TrySetResult();
                }
            });
            var reader = Task.Run(() => subscriber.TakeAsync(int.MaxValue));
            await started.Task;
            await harness.Transport.UnregisterAsync(name, CancellationToken.None);
            await Assert.ThrowsAsync<Sdk.Errors.BrokerException>(() => publisher);
            await Assert.ThrowsAsync<Sdk.Errors.BrokerException>(() => reader);
        }

        Assert.Equal(0, await harness.DetailAsync("retained_bytes"));
    }

    private static Task PublishFromManyAsync(Harness harness) => Task.WhenAll(Enumerable.Range(0, Publishers).Select(publisher =>
        Task.Run(async () =>
        {
            for (var i = 0; i < PerPublisher; i++)
            {
                await harness.Transport.PublishAsync(
                    Harness.Event, new TransportMessage(Harness.Message((publisher * PerPublisher) + i, 4 + (i % 200))), CancellationToken.None);
            }
        })));

    private static void AssertOrderPerPublisher(int[] numbers)
    {
        for (var publisher = 0; publisher < Publishers; publisher++)
        {
            Assert.Equal(
                Enumerable.Range(publisher * PerPublisher, PerPublisher), numbers.Where(n => n / PerPublisher == publisher));
        }
    }
}
