using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using EventBroker.Client.Tests.Faults;
using EventBroker.Client.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace EventBroker.Client.Tests.Scenarios;

// Counts of the whole process: nothing else may run meanwhile.
[CollectionDefinition(nameof(LeakTests), DisableParallelization = true)]
public sealed class LeakTestsCollection;

[Collection(nameof(LeakTests))]
public sealed class LeakTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_thousand_reconnects_leave_nothing_behind()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        broker.Requests.IsKept = false;
        await using var proxy = new FaultProxy(broker.Address);
        await using var publisher = Clients.Open(broker.Address);
        await publisher.RegisterAsync("e");
        await using var client = Clients.Open(proxy.Address, static o =>
        {
            o.Reconnect = new RetryOptions { MaxRetries = null, FirstBackoff = TimeSpan.Zero, LongestBackoff = TimeSpan.Zero };
        });
        var openings = new Counted();
        await using var subscription = await client.SubscribeAsync("e", new SubscribeOptions { OnOpened = _ => openings.Increment() });

        // Pools and caches of the server and the runtime grow for a while, in steps.
        var counts = new List<Count>();
        for (var round = 0; round < 4; round++)
        {
            await ReconnectAsync(1000);
            counts.Add(Measure());
            output.WriteLine($"{counts[^1]}");
        }

        var before = counts[0];
        var after = counts[^1];

        // A leak of one of anything per reconnect would show as thousands, one of 300 bytes as 300 kB in every round.
        Assert.InRange(after.Handles, 0, before.Handles + 100);
        Assert.InRange(after.Threads, 0, before.Threads + 30);
        Assert.InRange(counts.Zip(counts.Skip(1), static (one, next) => next.Bytes - one.Bytes).Min(), long.MinValue, 300_000);

        async Task ReconnectAsync(int times)
        {
            for (var i = 0; i < times; i++)
            {
                var next = openings.Value + 1;
                proxy.CutConnections();
                await openings.ReachAsync(next);
                if (i % 50 == 0)
                {
                    await publisher.PublishAsync("e", $"m-{i}");
                    await (await subscription.NextAsync()).AckAsync();
                }
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Transports_and_subscriptions_that_were_disposed_are_released(bool withMeterFactory)
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var factory = withMeterFactory ? services.GetRequiredService<IMeterFactory>() : null;
        var released = new List<WeakReference>();
        for (var i = 0; i < 20; i++)
        {
            released.AddRange(await UseAsync(broker, factory));
        }

        Collect();

        // Those of the last round may still be in a register or a pooled state machine.
        Assert.InRange(released.Count(static r => r.IsAlive), 0, 3);
    }

    [Fact]
    public async Task A_shared_meter_holds_on_to_no_connection_that_was_closed()
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var factory = services.GetRequiredService<IMeterFactory>();
        var states = new List<int>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Scope == factory && instrument.Name.Equals("eventbroker.client.connection.state", StringComparison.Ordinal))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<int>((_, state, _, _) => states.Add(state));
        listener.Start();

        var closed = new RemoteTransport(Clients.Options(new Uri("http://127.0.0.1:1")), meterFactory: factory);
        await closed.DisposeAsync();
        await using var open = new RemoteTransport(Clients.Options(new Uri("http://127.0.0.1:1")), meterFactory: factory);
        listener.RecordObservableInstruments();

        Assert.Equal([(int)ConnectionState.Disconnected], states);
    }

    [Fact]
    public async Task A_closed_subscription_is_released_while_its_transport_lives_on()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        var released = new List<WeakReference>();
        for (var i = 0; i < 20; i++)
        {
            released.Add(await SubscribeAsync(client));
        }

        Collect();
        Assert.InRange(released.Count(static r => r.IsAlive), 0, 1);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference[]> UseAsync(EmbeddedBroker broker, IMeterFactory? factory)
    {
        var transport = new RemoteTransport(Clients.Options(broker.Address), meterFactory: factory);
        await transport.RegisterAsync("e");
        var view = transport.WithHeaders(new Dictionary<string, string> { ["x-tenant"] = "t" });
        var subscription = await SubscribeAsync(view);
        await view.DisposeAsync();
        await transport.DisposeAsync();
        return [new WeakReference(transport), new WeakReference(view), subscription];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> SubscribeAsync(RemoteTransport transport)
    {
        var subscription = await transport.SubscribeAsync("e");
        await transport.PublishAsync("e", "m");
        await (await subscription.NextAsync()).AckAsync();
        await subscription.DisposeAsync();
        return new WeakReference(subscription);
    }

    private static Count Measure()
    {
        Collect();
        using var process = Process.GetCurrentProcess();
        return new Count(Directory.GetFiles("/proc/self/fd").Length, process.Threads.Count, GC.GetTotalMemory(forceFullCollection: true));
    }

    private static void Collect()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    private readonly record struct Count(int Handles, int Threads, long Bytes);
}
