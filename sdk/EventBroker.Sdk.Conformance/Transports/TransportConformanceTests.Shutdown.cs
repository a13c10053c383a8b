using System.Runtime.CompilerServices;
using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

public abstract partial class TransportConformanceTests<TFixture>
{
    private const int SubscribersWhileClosing = 8;
    private const int OpenWhileClosing = 4;

    /// <summary>A thread, a timer or a socket that goes on holds what it works for, so that it is not collected.</summary>
    /// <returns>A task.</returns>
    [TransportFact]
    public async Task A_disposed_transport_leaves_nothing_running() => await AreLetGoAsync(await UseAndDisposeAsync());

    /// <summary>Nobody else would end a subscription that the end of its transport has missed. Where there can be a second transport, the events are
    /// new to the one that closes.</summary>
    /// <returns>A task.</returns>
    [TransportFact]
    public async Task Whoever_subscribes_while_the_transport_closes_is_refused_or_ended()
    {
        var registering = await Fixture.CreateSecondAsync();
        if (registering is not null)
        {
            _others.Add(registering);
        }

        var events = Enumerable.Range(0, SubscribersWhileClosing).Select(_ => Fixture.NewEventName()).ToArray();
        foreach (var name in events)
        {
            await (registering ?? Transport).RegisterAsync(name, EventOptions.None, CancellationToken.None);
        }

        using var stopping = new CancellationTokenSource(Fixture.Patience);
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ends = events.Select((name, number) => Task.Run(() => SubscribeUntilRefusedAsync(name, KindFor(number), first, stopping.Token))).ToArray();
        await Task.WhenAny(first.Task, Task.WhenAll(ends));
        await Transport.DisposeAsync();
        Assert.All(await Task.WhenAll(ends), static failures =>
        {
            Assert.NotEmpty(failures);
            Assert.All(failures, static failure => Assert.Equal(BrokerErrorCode.Unavailable, failure.Code));
        });
    }

    /// <summary>Also a call that needs nothing of a backend, and health, which says so.</summary>
    /// <returns>A task.</returns>
    [TransportFact]
    public async Task A_closed_transport_refuses_every_call()
    {
        await Transport.DisposeAsync();
        var can = Transport.Capabilities;
        (bool IsDeclared, string Name, Func<Task> Call)[] calls =
        [
            (true, "register", () => Transport.RegisterAsync(Fixture.NewEventName(), EventOptions.None, CancellationToken.None).AsTask()),
            (true, "unregister", () => Transport.UnregisterAsync(Event, CancellationToken.None).AsTask()),
            (true, "publish", () => PublishAsync("a")),
            (true, "publish a batch", PublishBatchOfOneAsync),
            (true, "subscribe", () => Transport.SubscribeAsync(Event, KindFor(0), new SubscriberProbe(), CancellationToken.None).AsTask()),
            (can.Has(TransportCapability.EventListing), "list", () => Transport.ListAsync(CancellationToken.None).AsTask()),
            (can.Has(TransportCapability.EventDescription), "describe", () => Transport.DescribeAsync(Event, CancellationToken.None).AsTask()),
            (can.Has(TransportCapability.Seek), "seek", () => Transport.SeekAsync(
                Event, new SeekRequest { Kind = PlaceKind.WorkerGroup, Name = "g", Position = StartPosition.Latest }, CancellationToken.None).AsTask()),
        ];
        foreach (var (_, name, call) in calls.Where(static c => c.IsDeclared))
        {
            var failure = await Record.ExceptionAsync(call);
            Assert.True(failure is BrokerException { Code: BrokerErrorCode.Unavailable }, $"{name}: {failure?.ToString() ?? "done"}");
        }

        Assert.Equal(TransportHealthStatus.Unhealthy, (await Transport.CheckHealthAsync(CancellationToken.None)).Status);
    }

    /// <summary>Connections come and go while a transport lives for months.</summary>
    /// <returns>A task.</returns>
    [TransportFact]
    public async Task A_disposed_subscription_is_let_go_of() => await AreLetGoAsync(await SubscribeAndLeaveAsync());

    // Not inlined, so that nothing of it is on the stack of whoever looks.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task<(string Name, WeakReference Object)[]> SubscribeAndLeaveAsync()
    {
        var can = Transport.Capabilities;
        var left = new List<(string, WeakReference)>();
        (bool IsDeclared, string Name, SubscribeOptions Options)[] kinds =
        [
            (can.Has(TransportCapability.Broadcast), "broadcast", new SubscribeOptions()),
            (can.Has(TransportCapability.WorkerGroups), "worker", new SubscribeOptions { Mode = DeliveryMode.WorkerPool, WorkerGroup = "g", ConsumerId = "m" }),
            (can.Has(TransportCapability.ConsumerResume), "consumer id", Consumer()),
        ];
        foreach (var (_, name, options) in kinds.Where(static k => k.IsDeclared))
        {
            var probe = new SubscriberProbe();
            await using var subscriber = new TestSubscriber(
                await Transport.SubscribeAsync(Event, options, probe, CancellationToken.None), probe, Fixture.Patience);
            await PublishAsync(name);
            Assert.Equal(name, TestSubscriber.Text(await subscriber.TakeOneAsync()));
            _ = subscriber.Demand();
            if (options.Mode == DeliveryMode.WorkerPool || options.ConsumerId.Length == 0)
            {
                // Somebody stays, and so the place, to which what is held goes back.
                await SubscribeAsync(new SubscribeOptions { Mode = options.Mode, WorkerGroup = options.WorkerGroup });
            }

            left.Add((name, new WeakReference(subscriber.Subscription)));
            left.Add(("the broker's side of " + name, new WeakReference(probe)));
        }

        return [.. left];
    }

    private async Task PublishBatchOfOneAsync()
    {
        var batch = await PublishBatchAsync(new TransportMessage(Message("a")));
        if (batch.GetFailure(0) is { } failure)
        {
            throw failure;
        }
    }

    private async Task AreLetGoAsync((string Name, WeakReference Object)[] left)
    {
        var patience = Task.Delay(Fixture.Patience, TimeProvider.System);
        while (left.Any(static l => l.Object.IsAlive) && !patience.IsCompleted)
        {
            // Something may be ending just now.
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Empty(left.Where(static l => l.Object.IsAlive).Select(static l => l.Name));
    }

    // Whoever comes through goes on at once, so that some are under way whenever the transport begins to close. Few are open at a time: how many
    // there are in all depends on how fast the machine is.
    private async Task<IReadOnlyList<BrokerException>> SubscribeUntilRefusedAsync(
        string eventName, SubscribeOptions options, TaskCompletionSource first, CancellationToken stopping)
    {
        var opened = new Queue<TestSubscriber>();
        var failures = new List<BrokerException>();
        while (failures.Count == 0 && !stopping.IsCancellationRequested)
        {
            try
            {
                var probe = new SubscriberProbe();
                var subscription = await Transport.SubscribeAsync(eventName, options, probe, CancellationToken.None);
                opened.Enqueue(new TestSubscriber(subscription, probe, Fixture.Patience));
                first.TrySetResult();
                if (opened.Count > OpenWhileClosing)
                {
                    await opened.Dequeue().DisposeAsync();
                }

                // Where nothing is waited for, the one who closes would not get its turn.
                await Task.Yield();
            }
            catch (BrokerException failure)
            {
                failures.Add(failure);
            }
        }

        foreach (var subscriber in opened)
        {
            failures.Add(await Assert.ThrowsAsync<BrokerException>(subscriber.TakeOneAsync));
            await subscriber.DisposeAsync();
        }

        return failures;
    }

    private SubscribeOptions KindFor(int number)
    {
        var groups = Transport.Capabilities.Has(TransportCapability.WorkerGroups);
        var broadcast = Transport.Capabilities.Has(TransportCapability.Broadcast);
        return groups && (number % 2 == 0 || !broadcast) ? Workers($"g{number % 4}") : new SubscribeOptions();
    }

    // Not inlined, so that nothing of it is on the stack of whoever looks.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task<(string Name, WeakReference Object)[]> UseAndDisposeAsync()
    {
        var groups = Transport.Capabilities.Has(TransportCapability.WorkerGroups);
        await PublishToNobodyAsync("before");
        var idle = await SubscribeAsync();
        var waiting = await SubscribeAsync();
        await (groups ? OpenAsync(PlaceKind.WorkerGroup) : SubscribeAsync());
        await PublishAsync(Numbers(0, 20));
        waiting.Subscription.Demand(1);
        if (groups)
        {
            // A redelivery that is due in an hour has a timer.
            var worker = await OpenAsync(PlaceKind.WorkerGroup, "other");
            await PublishAsync("a", "b");
            var taken = await worker.TakeAsync(2);
            Func<Delivery, TransportSettlement> settle = Transport.Capabilities.Has(TransportCapability.RedeliveryDelay)
                ? static d => TestSubscriber.Release(d, TimeSpan.FromHours(1))
                : TestSubscriber.Complete;
            await worker.SettleAsync(settle(taken[0]));
        }

        await idle.DisposeAsync();
        (string, WeakReference)[] left =
        [
            ("the transport", new WeakReference(Transport)),
            ("a subscription that was disposed", new WeakReference(idle.Subscription)),
            ("a subscription that was not disposed", new WeakReference(waiting.Subscription)),
        ];
        await Transport.DisposeAsync();
        Transport = null!;
        _subscribers.Clear();
        return left;
    }
}
