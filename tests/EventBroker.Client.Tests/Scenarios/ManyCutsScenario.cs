using System.Collections.Concurrent;
using System.Globalization;
using EventBroker.Client.Tests.Faults;
using EventBroker.Client.Tests.Hosting;

namespace EventBroker.Client.Tests.Scenarios;

// 10 000 messages through a subscription while the network is cut twenty times and the server is restarted four times. Whatever the broker, the
// rules are the same: what the publisher was told is published arrives; what was confirmed as settled does not come again; what comes for the
// first time comes in order.
internal sealed class ManyCutsScenario(IRestartableBroker broker, SubscribeOptions options)
{
    private const int Messages = 10_000;
    private const int Cuts = 20;
    private const int RestartEvery = 5;
    private const string Event = "many-cuts";

    private readonly ConcurrentDictionary<string, byte> _published = new();
    private readonly ConcurrentDictionary<string, byte> _confirmed = new();
    private readonly List<(string Id, int RetryCount)> _received = [];
    private readonly List<string> _afterConfirmation = [];
    private readonly ConcurrentQueue<SubscriptionFault> _faults = new();
    private readonly ConcurrentQueue<SubscriptionOpening> _openings = new();
    private readonly ConcurrentQueue<TimeSpan> _away = new();
    private readonly Counted _reopened = new();
    private readonly Counted _firsts = new();
    private readonly TaskCompletionSource _allSettled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _unconfirmed;
    private int _unsettled;

    public async Task RunAsync(ITestOutputHelper output)
    {
        await using var proxy = new FaultProxy(broker.Address);
        await using var publisher = Clients.Open(broker.Address, static o =>
        {
            // A broker that is started as a process takes its time.
            o.Retry.MaxRetries = 100;
            o.Retry.LongestBackoff = TimeSpan.FromSeconds(1);
        });
        var consumerOptions = new RemoteTransportOptions { Address = proxy.Address };
        consumerOptions.Reconnect.MaxRetries = null;
        await using var consumer = new RemoteTransport(consumerOptions);
        await publisher.RegisterAsync(Event);
        options.OnFault = _faults.Enqueue;
        options.OnOpened = opening =>
        {
            _openings.Enqueue(opening);
            _reopened.Increment();
        };
        await using var subscription = await consumer.SubscribeAsync(Event, options);
        var consuming = ConsumeAsync(subscription);
        var publishing = PublishAsync(publisher);
        for (var cut = 1; cut <= Cuts; cut++)
        {
            // Spread over the messages, and never before the subscription is back from the last one.
            await _firsts.ReachAsync(cut * (Messages / (Cuts + 1)));
            var before = _reopened.Value;
            await proxy.CutAsync();
            if (cut % RestartEvery == 0)
            {
                await broker.StopAsync();
                await broker.StartAsync();
            }

            var back = TimeProvider.System.GetTimestamp();
            proxy.Restore();
            await _reopened.ReachAsync(before + 1);
            _away.Enqueue(TimeProvider.System.GetElapsedTime(back));
            if (cut % RestartEvery == 1)
            {
                // In plain sight of the client: drained, gone and back while the network works.
                before = _reopened.Value;
                await broker.StopAsync();
                await broker.StartAsync();
                back = TimeProvider.System.GetTimestamp();
                await _reopened.ReachAsync(before + 1);
                _away.Enqueue(TimeProvider.System.GetElapsedTime(back));
            }
        }

        await publishing;
        await _allSettled.Task;
        await subscription.DisposeAsync();
        await consuming;
        Report(output);
        Check();
    }

    private async Task PublishAsync(RemoteTransport publisher)
    {
        for (var i = 0; i < Messages; i += 50)
        {
            // A batch behind the other, so that the order is the publisher's.
            var batch = Enumerable.Range(i, 50).Select(static n => Clients.Message(n.ToString("D5", CultureInfo.InvariantCulture))).ToList();
            foreach (var result in await publisher.PublishBatchAsync(Event, batch))
            {
                Assert.Null(result.Failure);
                _published[result.Id] = 0;
            }

            // Not far ahead of the subscriber, so that the cuts fall among the messages.
            await _firsts.ReachAsync(i - 1000);
        }
    }

    private async Task ConsumeAsync(Subscription<Delivery> subscription)
    {
        var seen = new HashSet<string>();
        await foreach (var delivery in subscription)
        {
            Interlocked.Increment(ref _unsettled);
            _received.Add((delivery.Id, delivery.RetryCount));
            if (_confirmed.ContainsKey(delivery.Id))
            {
                _afterConfirmation.Add(delivery.Id);
            }

            if (seen.Add(delivery.Id))
            {
                _firsts.Increment();
            }

            _ = SettleAsync(delivery);
        }
    }

    private async Task SettleAsync(Delivery delivery)
    {
        try
        {
            if (await delivery.AckAsync() == SettleResult.Settled)
            {
                _confirmed[delivery.Id] = 0;
                return;
            }

            Interlocked.Increment(ref _unconfirmed);
        }
        catch (EventBrokerException)
        {
            // The message comes again, unless the ack had arrived.
            Interlocked.Increment(ref _unconfirmed);
        }
        finally
        {
            // The last one after all have been seen.
            if (Interlocked.Decrement(ref _unsettled) == 0 && _firsts.Value == Messages)
            {
                _allSettled.TrySetResult();
            }
        }
    }

    private void Report(ITestOutputHelper output)
    {
        var away = _away.Select(static t => t.TotalMilliseconds).Order().ToList();
        output.WriteLine(
            $"received {_received.Count}, of them again {_received.Count - Messages}; unconfirmed settlements {_unconfirmed}; "
            + $"streams {_openings.Count}, faults {_faults.Count}; back after ms: median {away[away.Count / 2]:F0}, longest {away[^1]:F0}");
    }

    private void Check()
    {
        Assert.Equal(Messages, _published.Count);
        Assert.Equal(_published.Keys.Order(), _received.Select(static r => r.Id).Distinct().Order());
        Assert.Empty(_afterConfirmation);
        Assert.True(_received.Count - Messages <= _unconfirmed, $"{_received.Count - Messages} came again, {_unconfirmed} were not confirmed");
        var firsts = _received.Where(static r => r.RetryCount == 0).Select(static r => r.Id).ToList();
        Assert.Equal(firsts.Order(StringComparer.Ordinal), firsts);
        Assert.All(_openings.Skip(1), static o => Assert.NotEqual(ResumeOutcome.Lost, o.Resume));

        // Full jitter below a limit: no wait was longer than configured, and none of the faults was the end.
        var reconnect = new RemoteTransportOptions().Reconnect;
        Assert.All(_faults, f => Assert.InRange(f.RetryAfter!.Value, TimeSpan.Zero, reconnect.LongestBackoff));
    }
}
