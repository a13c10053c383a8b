namespace EventBroker.Client.Bus.Tests;

public class MiddlewareTests
{
    [Fact]
    public async Task That_of_the_bus_is_outside_of_the_handlers_and_each_in_its_order()
    {
        await using var fixture = await BusFixture.StartAsync();
        var steps = new List<string>();
        var bus = new EventBus(
            fixture.Transport,
            new EventBusOptions().Use(Step(steps, "bus 1")).Use(Step(steps, "bus 2")));
        await using var subscription = await bus.Event<Order>(BusFixture.EventName).SubscribeAsync(
            (_, _) =>
            {
                steps.Add("handler");
                return Task.CompletedTask;
            },
            new HandlerOptions().Use(Step(steps, "own")));

        await fixture.Broker.WhenAckedAsync(await fixture.Orders.PublishAsync(new Order(1)));

        Assert.Equal(["bus 1", "bus 2", "own", "handler", "own done", "bus 2 done", "bus 1 done"], steps);
    }

    [Fact]
    public async Task It_runs_once_however_often_the_handler_is_tried()
    {
        await using var fixture = await BusFixture.StartAsync();
        var steps = new List<string>();
        var options = new HandlerOptions { Retry = { MaxRetries = 2, FirstBackoff = TimeSpan.Zero, LongestBackoff = TimeSpan.Zero } };
        await using var subscription = await fixture.Orders.SubscribeAsync(
            (_, _) =>
            {
                steps.Add("handler");
                throw new Exception("no");
            },
            options.Use(Step(steps, "own")));

        await fixture.Broker.WhenNackedAsync(await fixture.Orders.PublishAsync(new Order(1)));

        Assert.Equal(["own", "handler", "handler", "handler"], steps);
    }

    [Fact]
    public async Task What_does_not_call_the_handler_acks()
    {
        await using var fixture = await BusFixture.StartAsync();
        var handled = new Handled();
        await using var subscription = await fixture.Orders.SubscribeAsync(
            handled.HandleAsync, new HandlerOptions().Use(static (_, _) => Task.CompletedTask));

        await fixture.Broker.WhenAckedAsync(await fixture.Orders.PublishAsync(new Order(1)));

        Assert.Equal(0, handled.Count);
    }

    [Fact]
    public async Task It_can_turn_a_failure_into_an_ack_and_a_success_into_a_nack()
    {
        await using var fixture = await BusFixture.StartAsync();
        await using var subscription = await fixture.Orders.SubscribeAsync(
            static (order, _) => order.Number == 1 ? throw new Exception("no") : Task.CompletedTask,
            new HandlerOptions().Use(static async (context, next) =>
            {
                try
                {
                    await next(context);
                }
                catch (Exception)
                {
                    return;
                }

                throw new Exception("too easy");
            }));

        await fixture.Broker.WhenAckedAsync(await fixture.Orders.PublishAsync(new Order(1)));
        var nacked = await fixture.Broker.WhenNackedAsync(await fixture.Orders.PublishAsync(new Order(2)));

        Assert.Equal("too easy", nacked.Reason);
    }

    [Fact]
    public async Task It_must_pass_on_the_context_that_it_was_given()
    {
        await using var fixture = await BusFixture.StartAsync();
        await using var subscription = await fixture.Orders.SubscribeAsync(
            static (_, _) => Task.CompletedTask,
            new HandlerOptions().Use(static (context, next) => next(new EventContext(context.EventName, context.Id))));

        var nacked = await fixture.Broker.WhenNackedAsync(await fixture.Orders.PublishAsync(new Order(1)));

        Assert.Contains("another context", nacked.Reason, StringComparison.Ordinal);
    }

    private static Func<EventContext, Func<EventContext, Task>, Task> Step(List<string> steps, string name) => async (context, next) =>
    {
        steps.Add(name);
        await next(context);
        steps.Add(name + " done");
    };
}
