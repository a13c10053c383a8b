using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Conformance.Transports;

public abstract partial class TransportConformanceTests<TFixture>
{
    /// <summary>Through a group whose members, at two hosts where there can be two, settle at random, hold some for later, give some back, and leave
    /// in the middle of it.</summary>
    /// <returns>A task.</returns>
    [TransportFact(TransportCapability.WorkerGroups)]
    public async Task Many_messages_settled_at_random_are_each_done_once_and_none_is_lost_or_invented()
    {
        List<ITransport> hosts = [Transport];
        if (!Fixture.IsEmbedded && await Fixture.CreateSecondAsync() is { } second)
        {
            _others.Add(second);
            hosts.Add(second);
        }

        var ledger = new Ledger(Fixture.ManyMessages);
        var members = new List<Task>();
        for (var i = 0; i < 4; i++)
        {
            // Open before anything is published.
            var (number, host) = (i, hosts[i % hosts.Count]);
            var subscriber = await OpenOneAsync(host);
            members.Add(ledger.RunAsync(() => WorkAsync(ledger, host, subscriber, number)));
        }

        var publisher = ledger.RunAsync(() => PublishNumbersAsync(ledger, hosts));
        await ledger.AllDone;
        await Task.WhenAll([.. members, publisher]);
        await GetsNothingButTheNextAsync(await OpenAsync(PlaceKind.WorkerGroup));
    }

    private async Task PublishNumbersAsync(Ledger ledger, List<ITransport> hosts)
    {
        const int batchSize = 100;
        for (var from = 0; from < ledger.Count; from += batchSize)
        {
            await ledger.WaitForRoomAsync(from + batchSize);
            var batch = new PublishBatch();
            foreach (var text in Numbers(from, Math.Min(batchSize, ledger.Count - from)))
            {
                batch.Add(new TransportMessage(Message(text)));
            }

            await hosts[from / batchSize % hosts.Count].PublishAsync(Event, batch, CancellationToken.None);
            for (var i = 0; i < batch.Count; i++)
            {
                if (batch.GetFailure(i) is { } failure)
                {
                    throw failure;
                }
            }
        }
    }

    private async Task WorkAsync(Ledger ledger, ITransport host, TestSubscriber subscriber, int number)
    {
        var random = new Random(20_261_125 + number);
        var held = new List<Delivery>();
        while (!ledger.AllDone.IsCompleted)
        {
            var read = subscriber.ReadOnce(random.Next(1, 64));
            foreach (var delivery in read)
            {
                ledger.Delivered(TestSubscriber.Text(delivery));
            }

            held.AddRange(read);
            if (held.Count == 0)
            {
                try
                {
                    await Task.WhenAny(subscriber.Demand(random.Next(1, 64)), ledger.AllDone).WaitAsync(Fixture.Patience);
                }
                catch (TimeoutException timeout)
                {
                    throw new InvalidOperationException("a member waits in vain: " + ledger.Open(), timeout);
                }

                continue;
            }

            // The first stays, so that the group is never without members: over a transport that keeps nothing it would lose all.
            if (number > 0 && random.Next(200) == 0)
            {
                await subscriber.DisposeAsync();
                subscriber = await OpenOneAsync(host);
                held.Clear();
                continue;
            }

            var turns = held.ToLookup(_ => random.Next(20) > 0);
            held = [.. turns[false]];
            await SettleAtRandomAsync(ledger, subscriber, [.. turns[true]], random);
        }

        await subscriber.DisposeAsync();
    }

    private async Task SettleAtRandomAsync(Ledger ledger, TestSubscriber subscriber, List<Delivery> deliveries, Random random)
    {
        var releases = Transport.Capabilities.Has(TransportCapability.Redelivery);
        var entries = deliveries
            .ConvertAll(d => releases && random.Next(10) == 0 ? TestSubscriber.Release(d) : TestSubscriber.Complete(d));
        var outcomes = await subscriber.SettleAsync(entries);
        for (var i = 0; i < entries.Count; i++)
        {
            // A backend that redelivers by itself may have done so when the machine stood still; then it comes again.
            var isLost = outcomes[i] == SettlementOutcome.LeaseLost && Transport.Capabilities.RenewalInterval is not null;
            if (!isLost)
            {
                ledger.Settled(TestSubscriber.Text(entries[i].Delivery), entries[i].Action, outcomes[i]);
            }
        }
    }

    private async Task<TestSubscriber> OpenOneAsync(ITransport host)
    {
        var probe = new SubscriberProbe();
        var subscription = await host.SubscribeAsync(Event, Workers("p"), probe, CancellationToken.None);
        return new TestSubscriber(subscription, probe, Fixture.Patience);
    }
}
