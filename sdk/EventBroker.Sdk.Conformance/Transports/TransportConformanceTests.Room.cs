using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

public abstract partial class TransportConformanceTests<TFixture>
{
    [TransportFact(TransportCapability.WorkerGroups, KeepsMessages = true)]
    public async Task Without_room_publishers_are_refused_while_consuming_goes_on_until_there_is_room_again()
    {
        var worker = await OpenAsync(PlaceKind.WorkerGroup);
        await PublishAsync("a", "b", "c");
        var taken = await worker.TakeAsync(2);
        SkipUnless(await Fixture.SetStorageFullAsync(Transport, true), "the fixture can't fill the storage");

        // What is left of a page may take a few still.
        BrokerException? refusal = null;
        var accepted = new List<string> { "c" };
        for (var i = 0; refusal is null && i < 1_000; i++)
        {
            var text = new string('x', 10_000) + i;
            try
            {
                await PublishAsync(text);
                accepted.Add(text);
            }
            catch (BrokerException failure)
            {
                refusal = failure;
            }
        }

        Assert.Equal(BrokerErrorCode.ResourceExhausted, refusal?.Code);
        Assert.Equal([SettlementOutcome.Done, SettlementOutcome.Done], await worker.CompleteAsync(taken));
        Assert.Equal(accepted, InOrderOfPublishing(await worker.TakeAsync(accepted.Count)));
        Assert.NotEqual(TransportHealthStatus.Healthy, (await Transport.CheckHealthAsync(CancellationToken.None)).Status);

        await Fixture.SetStorageFullAsync(Transport, false);
        await WhenThereIsRoomAsync(() => PublishAsync("after"));
        Assert.Equal(["after"], await worker.TakeTextAsync(1));

        IEnumerable<string> InOrderOfPublishing(IEnumerable<Delivery> deliveries) =>
            deliveries.Select(TestSubscriber.Text).OrderBy(accepted.IndexOf);
    }

    private async Task WhenThereIsRoomAsync(Func<Task> call)
    {
        var patience = Task.Delay(Fixture.Patience, TimeProvider.System);
        while (true)
        {
            try
            {
                await call();
                return;
            }
            catch (BrokerException failure) when (failure.Code == BrokerErrorCode.ResourceExhausted && !patience.IsCompleted)
            {
                await Fixture.PassTimeAsync(TimeSpan.FromMilliseconds(100));
            }
        }
    }
}
