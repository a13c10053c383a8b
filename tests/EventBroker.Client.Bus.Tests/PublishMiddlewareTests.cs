namespace EventBroker.Client.Bus.Tests;

// Around what is published.
public class PublishMiddlewareTests
{
    [Fact]
    public async Task It_writes_metadata_and_sees_the_answer_the_first_outermost()
    {
        await using var fixture = await BusFixture.StartAsync();
        var steps = new List<string>();
        var orders = Bus(
            fixture,
            async (context, next) =>
            {
                steps.Add($"outer {((Order)context.Value).Number} {context.EventName}");
                context.Metadata["tenant"] = "acme";
                await next();
                steps.Add("outer " + context.Id);
            },
            async (context, next) =>
            {
                steps.Add("inner " + context.Metadata["tenant"]);
                context.Source = "shop";
                await next();
            });

        var id = await orders.PublishAsync(new Order(1), new PublishOptions { Metadata = new Dictionary<string, string> { ["k"] = "v" } });

        Assert.Equal(["outer 1 order.created", "inner acme", "outer " + id], steps);
        var published = await fixture.Broker.WhenPublishedAsync(p => p.MessageId == id);
        Assert.Equal(("shop", "acme", "v"), (published.Source, published.Metadata["tenant"], published.Metadata["k"]));
    }

    [Fact]
    public async Task What_it_throws_is_the_publishers_and_nothing_is_published()
    {
        await using var fixture = await BusFixture.StartAsync();
        var orders = Bus(fixture, static (_, _) => throw new InvalidOperationException("closed today"));

        await Assert.ThrowsAsync<InvalidOperationException>(() => orders.PublishAsync(new Order(1)));
        Assert.Empty(fixture.Broker.Published);
    }

    [Fact]
    public async Task The_values_of_a_batch_go_through_it_one_by_one_and_to_the_broker_together()
    {
        await using var fixture = await BusFixture.StartAsync();
        var failures = 0;
        var orders = Bus(fixture, async (context, next) =>
        {
            var number = ((Order)context.Value).Number;
            if (number == 2)
            {
                // Left out.
                return;
            }

            context.Id = number == 3 ? new string('x', 300) : $"m-{number}";
            try
            {
                await next();
            }
            catch (EventBrokerException)
            {
                failures++;
                throw;
            }
        });

        var results = await orders.PublishBatchAsync([.. Enumerable.Range(0, 5).Select(static i => new Order(i))]);

        Assert.Equal([null, null, null, ErrorCode.InvalidArgument, null], results.Select(static r => r.Failure?.Code));
        Assert.Equal(["m-0", "m-1", "", "m-4"], results.Where(static (_, i) => i != 3).Select(static r => r.Id));
        Assert.Equal(["m-0", "m-1", "m-4"], fixture.Broker.Published.Select(static p => p.MessageId));
        Assert.Equal(1, failures);
    }

    private static Event<Order> Bus(BusFixture fixture, params Func<PublishContext, Func<Task>, Task>[] middleware)
    {
        var options = new EventBusOptions();
        foreach (var one in middleware)
        {
            options.UsePublish(one);
        }

        return new EventBus(fixture.Transport, options).Event<Order>(BusFixture.EventName);
    }
}
