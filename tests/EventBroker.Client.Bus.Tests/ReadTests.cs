using EventBroker.Client.Testing;

namespace EventBroker.Client.Bus.Tests;

// A program that takes the values itself.
public class ReadTests
{
    [Fact]
    public async Task Values_are_read_and_settled_as_messages_without_a_type_are()
    {
        await using var fixture = await BusFixture.StartAsync();
        var options = new SubscribeOptions { WorkerGroup = "g", Start = SubscriptionStart.Beginning };
        for (var i = 1; i <= 3; i++)
        {
            await fixture.Orders.PublishAsync(new Order(i), new PublishOptions { Id = $"m-{i}" });
        }

        var seen = new List<int>();
        await using (var orders = await fixture.Orders.SubscribeAsync(options))
        {
            await foreach (var order in orders)
            {
                seen.Add(order.Value.Number);
                if (seen.Count == 3)
                {
                    break;
                }

                _ = order.AckAsync();
            }
        }

        Assert.Equal([1, 2, 3], seen);
        Assert.Equal(["m-1", "m-2"], fixture.Broker.Settlements.Select(static s => s.MessageId).Order());
        await using var again = await fixture.Orders.SubscribeAsync(options);
        var last = await again.NextAsync();
        Assert.Equal((3, 1), (last.Value.Number, last.RetryCount));
    }

    [Fact]
    public async Task Another_loop_goes_on_where_the_first_has_stopped()
    {
        await using var fixture = await BusFixture.StartAsync();
        await using var orders = await fixture.Orders.SubscribeAsync();
        await fixture.Orders.PublishBatchAsync([.. Enumerable.Range(1, 4).Select(static i => new Order(i))]);

        var seen = new List<int>();
        for (var i = 0; i < 4; i++)
        {
            seen.Add((await orders.NextAsync()).Value.Number);
        }

        Assert.Equal([1, 2, 3, 4], seen);
    }

    [Fact]
    public async Task What_is_no_value_is_given_back_and_not_shown()
    {
        await using var fixture = await BusFixture.StartAsync();
        var garbage = await fixture.PublishGarbageAsync();
        await fixture.Orders.PublishAsync(new Order(1));
        await using var orders = await fixture.Orders.SubscribeAsync(new SubscribeOptions { Start = SubscriptionStart.Beginning });

        Assert.Equal(1, (await orders.NextAsync()).Value.Number);
        Assert.StartsWith("undecodable", (await fixture.Broker.WhenNackedAsync(garbage)).Reason, StringComparison.Ordinal);
        Assert.Equal(1, fixture.Log.Count(5104));
    }

    [Fact]
    public async Task A_refusal_comes_at_once_and_a_token_ends_a_loop()
    {
        await using var fixture = await BusFixture.StartAsync();
        Assert.Equal(ErrorCode.NotFound, (await Assert.ThrowsAsync<EventBrokerException>(() => fixture.Bus.Event<Order>("none").SubscribeAsync())).Code);

        using var end = new CancellationTokenSource();
        await using var orders = await fixture.Orders.SubscribeAsync();
        await using var values = orders.GetAsyncEnumerator(end.Token);
        var next = values.MoveNextAsync();
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
    }
}
