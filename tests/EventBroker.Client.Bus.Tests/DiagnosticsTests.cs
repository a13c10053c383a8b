using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace EventBroker.Client.Bus.Tests;

[Collection(nameof(DiagnosticsTests))]
public class DiagnosticsTests
{
    [Fact]
    public async Task The_span_of_the_handler_is_a_child_of_the_publishers_and_shows_its_failure()
    {
        await using var fixture = await BusFixture.StartAsync();
        var traced = fixture.Bus.Event<Order>("traced.order");
        await traced.RegisterAsync();
        var processed = new TaskCompletionSource<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "EventBroker.Client",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.OperationName == "process traced.order")
                {
                    processed.TrySetResult(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        ActivityTraceId? inHandler = null;
        await using var subscription = await traced.SubscribeAsync((_, _) =>
        {
            inHandler = Activity.Current?.TraceId;
            throw new InvalidOperationException("no tea");
        });

        using var parent = new Activity("test").Start();
        await traced.PublishAsync(new Order(1));

        var activity = await processed.Task;
        Assert.Equal(parent.TraceId, activity.TraceId);
        Assert.Equal(parent.TraceId, inHandler);
        Assert.Equal((ActivityStatusCode.Error, "no tea"), (activity.Status, activity.StatusDescription));
    }

    [Fact]
    public async Task Settling_has_a_span_and_one_of_a_batch_that_has_failed_in_part_is_red()
    {
        await using var fixture = await BusFixture.StartAsync();
        var traced = fixture.Bus.Event<Order>("spans.order");
        await traced.RegisterAsync();
        var settled = new TaskCompletionSource<Activity>();
        var published = new TaskCompletionSource<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == EventBrokerTelemetry.ActivitySourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => _ = activity.OperationName switch
            {
                "settle spans.order" => settled.TrySetResult(activity),
                "publish spans.order" => published.TrySetResult(activity),
                _ => false,
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var subscription = await traced.SubscribeAsync(static (_, _) => Task.CompletedTask);

        await fixture.Transport.PublishBatchAsync("spans.order",
        [
            new OutgoingMessage { Payload = "{\"Number\":1}"u8.ToArray() }, new OutgoingMessage { Id = new string('x', 300) },
        ]);

        var batch = await published.Task;
        Assert.Equal((ActivityStatusCode.Error, "1 of 2 have failed"), (batch.Status, batch.StatusDescription));
        Assert.Equal("InvalidArgument", batch.GetTagItem("error.type"));
        var settle = await settled.Task;
        Assert.Equal((ActivityStatusCode.Unset, ActivityKind.Client), (settle.Status, settle.Kind));
        Assert.Equal(("settle", 1), (settle.GetTagItem("messaging.operation.type"), settle.GetTagItem("messaging.batch.message_count")));
        Assert.NotNull(settle.GetTagItem("server.address"));
    }

    [Fact]
    public async Task The_duration_is_measured_by_event_and_outcome()
    {
        await using var fixture = await BusFixture.StartAsync();
        var measured = fixture.Bus.Event<Order>("measured.order");
        await measured.RegisterAsync();
        var outcomes = new ConcurrentQueue<(double Seconds, object? Outcome)>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Name == "eventbroker.client.handle.duration")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) =>
        {
            var all = tags.ToArray().ToDictionary(static t => t.Key, static t => t.Value);
            if (Equals(all["messaging.destination.name"], "measured.order"))
            {
                outcomes.Enqueue((value, all["eventbroker.handle.outcome"]));
            }
        });
        listener.Start();
        var subscription = await measured.SubscribeAsync((order, _) =>
        {
            fixture.Time.Advance(TimeSpan.FromSeconds(order.Number));
            return order.Number == 2 ? throw new Exception("no") : Task.CompletedTask;
        });

        await measured.PublishAsync(new Order(1));
        await measured.PublishAsync(new Order(2));
        var last = await fixture.Transport.PublishAsync("measured.order", new OutgoingMessage { Payload = "!"u8.ToArray() });
        await fixture.Broker.WhenNackedAsync(last);
        await subscription.DisposeAsync();

        Assert.Equal([(1, "acked"), (2, "nacked"), (0, "undecodable")], outcomes);
    }

    [Fact]
    public async Task A_listener_that_throws_ends_the_subscription_for_everybody_to_see()
    {
        await using var fixture = await BusFixture.StartAsync();
        var broken = fixture.Bus.Event<Order>("broken.order");
        await broken.RegisterAsync();
        using var listener = new MeterListener();
        listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Name == "eventbroker.client.handle.duration")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            if (tags.ToArray().Any(static t => Equals(t.Value, "broken.order")))
            {
                throw new InvalidOperationException("no such unit");
            }
        });
        listener.Start();
        await using var subscription = await broken.SubscribeAsync(
            static (_, _) => Task.CompletedTask, new HandlerOptions { Concurrency = 3 });

        await broken.PublishAsync(new Order(1));

        Assert.Equal("no such unit", (await Assert.ThrowsAsync<InvalidOperationException>(() => subscription.Completion)).Message);
    }
}
