using System.Threading.Channels;

namespace EventBroker.Client.Bus.Tests;

public class HandlingTests
{
    [Fact]
    public async Task A_handler_that_returns_acks()
    {
        await using var fixture = await BusFixture.StartAsync();
        var handled = new TaskCompletionSource<(Order, EventContext)>();
        await using var subscription = await fixture.Orders.SubscribeAsync(
            (order, context) =>
            {
                handled.SetResult((order, context));
                return Task.CompletedTask;
            });

        var id = await fixture.Orders.PublishAsync(
            new Order(7), new PublishOptions { Source = "shop", Metadata = new Dictionary<string, string> { ["k"] = "v" } });

        var (received, context) = await handled.Task;
        Assert.Equal(new Order(7), received);
        Assert.Equal((BusFixture.EventName, id, "shop", "v"), (context.EventName, context.Id, context.Source, context.Metadata["k"]));
        Assert.Equal(fixture.Time.GetUtcNow(), context.Timestamp);
        Assert.Equal((0, 0), (context.RetryCount, context.Missed));
        Assert.Null(context.Services);
        await fixture.Broker.WhenAckedAsync(id);
    }
}
