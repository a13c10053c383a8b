using EventBroker.Client.Testing;

namespace EventBroker.Client.Bus.Tests;

// A program that takes the values itself.
public class ReadTests
{
    [Fact]
    public async Task Taking_the_next_value_acks_the_one_before_and_leaving_gives_the_last_one_back()
    {
        await using var fixture = await BusFixture.StartAsync();
        var options = new SubscribeOptions { WorkerGroup = "g", Start = SubscriptionStart.Beginning };
        for (var i = 1; i <= 3; i++)
        {
            await fixture.Orders.PublishAsync(new Order(i), new PublishOptions { Id = $"m-{i}" });
        }

        var seen = new List<int>();
        await foreach (var order in fixture.Orders.ReadAsync(options))
        {
            seen.Add(order.Value.Number);
            if (seen.Count == 3)
            {
                break;
            }
        }

        Assert.Equal([1, 2, 3], seen);
        await fixture.Broker.WhenAckedAsync("m-2");
        Assert.Equal(["m-1", "m-2"], fixture.Broker.Settlements.Select(static s => s.MessageId).Order());
        await using var again = fixture.Orders.ReadAsync(options).GetAsyncEnumerator();
        Assert.True(await again.MoveNextAsync());
        Assert.Equal((3, 1), (again.Current.Value.Number, again.Current.Delivery.RetryCount));
    }

    [Fact]
    public async Task What_the_program_settles_itself_is_not_acked_and_what_is_no_value_is_given_back()
    {
        await using var fixture = await BusFixture.StartAsync();
        var options = new SubscribeOptions { Start = SubscriptionStart.Beginning };
        var garbage = await fixture.PublishGarbageAsync();
        await fixture.Orders.PublishAsync(new Order(1), new PublishOptions { Id = "m-1" });
        await fixture.Orders.PublishAsync(new Order(2), new PublishOptions { Id = "m-2" });
        await using var orders = fixture.Orders.ReadAsync(options).GetAsyncEnumerator();
        Assert.True(await orders.MoveNextAsync());

        await orders.Current.Delivery.NackAsync("later", TimeSpan.FromHours(1));
        Assert.True(await orders.MoveNextAsync());

        Assert.Equal(2, orders.Current.Value.Number);
        Assert.StartsWith("undecodable", (await fixture.Broker.WhenNackedAsync(garbage)).Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(fixture.Broker.Settlements, static s => s.MessageId == "m-1" && s.Kind == TestSettlementKind.Acked);
        Assert.Equal(1, fixture.Log.Count(5104));
    }

    [Fact]
    public async Task A_refusal_comes_with_the_first_value_and_a_token_ends_it()
    {
        await using var fixture = await BusFixture.StartAsync();
        await using var none = fixture.Bus.Event<Order>("none").ReadAsync().GetAsyncEnumerator();
        Assert.Equal(ErrorCode.NotFound, (await Assert.ThrowsAsync<EventBrokerException>(async () => await none.MoveNextAsync())).Code);

        using var end = new CancellationTokenSource();
        await using var orders = fixture.Orders.ReadAsync(cancellationToken: end.Token).GetAsyncEnumerator(end.Token);
        var next = orders.MoveNextAsync();
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
    }
}
