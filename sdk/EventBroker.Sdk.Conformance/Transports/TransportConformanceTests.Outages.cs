using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

public abstract partial class TransportConformanceTests<TFixture>
{
    [TransportFact(Backend = true)]
    public async Task A_backend_out_of_reach_is_told_by_calls_and_health_and_the_next_call_finds_it_again()
    {
        await SetReachableAsync(false);
        var failure = await Assert.ThrowsAsync<BrokerException>(() => PublishAsync("a"));
        Assert.Contains(failure.Code, new[] { BrokerErrorCode.Unavailable, BrokerErrorCode.DeadlineExceeded });
        Assert.NotEqual(TransportHealthStatus.Healthy, (await Transport.CheckHealthAsync(CancellationToken.None)).Status);
        await SetReachableAsync(true);
        var subscriber = await SubscribeAsync();
        await PublishAsync("b");
        Assert.Equal(["b"], await subscriber.TakeTextAsync(1));
        Assert.Equal(TransportHealthStatus.Healthy, (await Transport.CheckHealthAsync(CancellationToken.None)).Status);
    }

    /// <summary>The subscription either goes on by itself, or ends so that whoever subscribed comes again. What failed is tried again.</summary>
    /// <param name="kind">Whose place.</param>
    /// <returns>A task.</returns>
    [TransportTheory(KeepsMessages = true, Backend = true)]
    [InlineData(PlaceKind.WorkerGroup)]
    [InlineData(PlaceKind.ConsumerId)]
    public async Task A_place_loses_nothing_over_an_outage_and_says_what_failed(PlaceKind kind)
    {
        var subscriber = await OpenAsync(kind);
        await PublishAsync("a", "b");
        var taken = await subscriber.TakeAsync(2);
        await subscriber.CompleteAsync(taken[0]);
        await SetReachableAsync(false);
        Assert.NotEqual([SettlementOutcome.Done], await SettleOrFailAsync());
        await SetReachableAsync(true);
        string[] left = await SettleOrFailAsync() is [SettlementOutcome.Done] ? ["c"] : ["b", "c"];
        await subscriber.DisposeAsync();
        await PublishAsync("c");
        var again = await OpenAsync(kind);
        Assert.Equal(left, (await again.TakeTextAsync(left.Length)).Order());

        async Task<SettlementOutcome[]> SettleOrFailAsync()
        {
            try
            {
                return await subscriber.CompleteAsync(taken[1]);
            }
            catch (BrokerException)
            {
                return [SettlementOutcome.Failed];
            }
        }
    }

    /// <summary>One line for each change of state, and a reminder a minute at the most, however many calls fail.</summary>
    /// <returns>A task.</returns>
    [TransportFact(Backend = true)]
    public async Task An_outage_fills_no_log()
    {
        var atFirst = Fixture.CountLogLines();
        SkipWhen(atFirst is null, "the fixture counts no log lines");
        var minutes = Math.Min(10, (int)Math.Min(Fixture.LongestPassableTime.TotalMinutes, 10));
        await SetReachableAsync(false);
        for (var minute = 0; minute <= minutes; minute++)
        {
            for (var call = 0; call < 20; call++)
            {
                await Assert.ThrowsAsync<BrokerException>(() => PublishAsync("a"));
            }

            await Transport.CheckHealthAsync(CancellationToken.None);
            await (minute < minutes ? Fixture.PassTimeAsync(TimeSpan.FromMinutes(1)) : ValueTask.CompletedTask);
        }

        Assert.InRange(await CountLinesAsync(atFirst!.Value), 1, 1 + minutes);
        var before = Fixture.CountLogLines()!.Value;
        await SetReachableAsync(true);
        await SubscribeAsync();
        await PublishAsync("a", "b", "c");
        Assert.Equal(1, await CountLinesAsync(before));
    }

    // A change may be logged a moment after the calls that meet it.
    private async Task<int> CountLinesAsync(int before)
    {
        using var patience = new CancellationTokenSource(Fixture.Patience);
        while (Fixture.CountLogLines() == before && !patience.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }

        return Fixture.CountLogLines()!.Value - before;
    }

    private async Task SetReachableAsync(bool isReachable) => SkipUnless(
        await Fixture.SetReachableAsync(Transport, isReachable), "the fixture can't cut the transport off from its backend");
}
