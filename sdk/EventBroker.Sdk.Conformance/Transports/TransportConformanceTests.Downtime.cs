using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

// The backend goes away and comes back: before the transport is made, and in the middle of everything.
public abstract partial class TransportConformanceTests<TFixture>
{
    /// <summary>Either the transport is made and says so call by call, or it is not and says so then.</summary>
    /// <returns>A task.</returns>
    [TransportFact(Backend = true)]
    public async Task A_backend_that_is_down_when_the_transport_is_made_is_told_and_found_when_it_is_up()
    {
        await SetBackendUpAsync(false);
        ITransport? early = null;
        try
        {
            early = await CreateSecondAsync();
            await FailsOutOfReachAsync(() => early.RegisterAsync(Fixture.NewEventName(), EventOptions.None, CancellationToken.None).AsTask());
            Assert.NotEqual(TransportHealthStatus.Healthy, (await early.CheckHealthAsync(CancellationToken.None)).Status);
        }
        catch (BrokerException refusal) when (early is null)
        {
            Assert.Contains(refusal.Code, OutOfReach);
            Assert.NotEmpty(refusal.Message);
        }

        await SetBackendUpAsync(true);
        var late = early ?? await CreateSecondAsync();
        Event = Fixture.NewEventName();
        await WhenInReachAsync(() => late.RegisterAsync(Event, EventOptions.None, CancellationToken.None).AsTask());
        var subscriber = await SubscribeAsync(over: late);
        await late.PublishAsync(Event, new TransportMessage(Message("a")), CancellationToken.None);
        Assert.Equal(["a"], await subscriber.TakeTextAsync(1));
        Assert.Equal(TransportHealthStatus.Healthy, (await late.CheckHealthAsync(CancellationToken.None)).Status);
    }

    [TransportFact(TransportCapability.WorkerGroups, Backend = true, KeepsMessages = true)]
    public Task A_backend_out_of_reach_in_the_middle_of_publishing_and_consuming_loses_nothing() => ProveOutagesAsync(SetReachableAsync);

    [TransportFact(TransportCapability.Durable, TransportCapability.WorkerGroups, Backend = true)]
    public Task A_backend_killed_in_the_middle_of_publishing_and_consuming_loses_nothing() => ProveOutagesAsync(SetBackendUpAsync);

    private static readonly BrokerErrorCode[] OutOfReach = [BrokerErrorCode.Unavailable, BrokerErrorCode.DeadlineExceeded];

    private async Task ProveOutagesAsync(Func<bool, Task> setUpAsync)
    {
        // Before anything runs beside the test: whether the fixture can do it at all.
        await setUpAsync(true);
        var course = new OutageCourse();
        var first = await OpenOneAsync(Transport);
        var publisher = Task.Run(() => PublishOverOutagesAsync(course));
        var worker = Task.Run(() => WorkOverOutagesAsync(course, first, publisher));
        try
        {
            for (var outage = 1; outage <= 3; outage++)
            {
                await course.GoesOnBy(50).WaitAsync(Fixture.Patience);
                var failed = course.NextFailure;
                course.GoesDown();
                await setUpAsync(false);
                await failed.WaitAsync(Fixture.Patience);
                await setUpAsync(true);
                course.IsUpAgain();
            }

            await course.GoesOnBy(50).WaitAsync(Fixture.Patience);
            course.BeginLastLap();
            await Task.WhenAny(Task.WhenAll(publisher, worker), Task.Delay(Fixture.Patience, TimeProvider.System));
            Assert.True(worker.IsCompleted, course.Open());
        }
        finally
        {
            course.End();
            await Task.WhenAll(publisher, worker);
        }
    }

    private async Task PublishOverOutagesAsync(OutageCourse course)
    {
        for (var number = 0; !course.IsLastLap; number++)
        {
            // No further ahead than any backend keeps.
            while (course.Backlog > 100 && !course.IsDown && !course.IsOver)
            {
                await WaitABitAsync(course.Up);
            }

            // What failed may be there all the same, so that each attempt is a message of its own.
            for (var attempt = 0; !course.IsOver; attempt++)
            {
                var up = course.Up;
                try
                {
                    await PublishAsync(new TransportMessage(Message(course.Attempt(number, attempt))));
                    course.Acknowledged(number, attempt);
                    break;
                }
                catch (BrokerException failure) when (OutOfReach.Contains(failure.Code))
                {
                    course.Failed();
                    await WaitABitAsync(up);
                }
            }
        }
    }

    private async Task WorkOverOutagesAsync(OutageCourse course, TestSubscriber first, Task publisher)
    {
        TestSubscriber? subscriber = first;
        var held = new List<Delivery>();
        while (!course.IsOver && !(publisher.IsCompleted && course.IsComplete))
        {
            try
            {
                subscriber ??= await OpenOneAsync(Transport);
                var read = subscriber.ReadOnce(10);
                course.Delivered(read.Select(TestSubscriber.Text));
                held.AddRange(read);
                if (held.Count > 0)
                {
                    // What failed is settled again, as the broker does.
                    var outcomes = await subscriber.CompleteAsync(held);
                    course.Settled(held.Select(TestSubscriber.Text), outcomes);
                    held = [.. held.Where((_, i) => outcomes[i] == SettlementOutcome.Failed)];
                    await (held.Count > 0 ? WaitABitAsync(course.Up) : Task.CompletedTask);
                    continue;
                }

                await WaitABitAsync(subscriber.Demand(10));
            }
            catch (BrokerException failure) when (OutOfReach.Contains(failure.Code))
            {
                // Whoever subscribed comes again, and so does what was not settled.
                held.Clear();
                await (subscriber?.DisposeAsync() ?? ValueTask.CompletedTask);
                subscriber = null;
                await WaitABitAsync(course.Up);
            }
        }

        await (subscriber?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    // Whatever waits for the transport's clock gets its time, by and by.
    private async Task WaitABitAsync(Task signal)
    {
        try
        {
            await signal.WaitAsync(TimeSpan.FromMilliseconds(20));
        }
        catch (TimeoutException)
        {
            await Fixture.PassTimeAsync(TimeSpan.FromMilliseconds(20));
        }
    }

    private static async Task FailsOutOfReachAsync(Func<Task> call) =>
        Assert.Contains((await Assert.ThrowsAsync<BrokerException>(call)).Code, OutOfReach);

    private async Task WhenInReachAsync(Func<Task> call)
    {
        var patience = Task.Delay(Fixture.Patience, TimeProvider.System);
        while (true)
        {
            try
            {
                await call();
                return;
            }
            catch (BrokerException failure) when (OutOfReach.Contains(failure.Code) && !patience.IsCompleted)
            {
                await Fixture.PassTimeAsync(TimeSpan.FromMilliseconds(100));
            }
        }
    }

    private async Task SetBackendUpAsync(bool isUp) => SkipUnless(
        await Fixture.SetBackendUpAsync(isUp), "the fixture can't kill the backend and start it again");
}
