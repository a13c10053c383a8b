using System.Collections.Concurrent;
using EventBroker.Client.Tests.Faults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventBroker.Client.Tests.Scenarios;

// A program with the three ways of consuming, each a group of its own, with default options: a raw subscription, two handlers that share the
// messages, and a hosted handler.
internal sealed class Workers : IAsyncDisposable
{
    private const string Event = "work";

    private readonly ConcurrentDictionary<string, Group> _groups = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly RemoteTransport _transport;
    private readonly IHost _host;
    private Subscription<Delivery> _raw = null!;
    private EventSubscription[] _handlers = [];
    private Task _reading = Task.CompletedTask;
    private int _published;

    private Workers(Uri address, ILoggerProvider log)
    {
        var loggers = LoggerFactory.Create(logging => logging.AddProvider(log));
        _transport = new RemoteTransport(new RemoteTransportOptions { Address = address }, loggers);
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Logging.AddProvider(log);
        builder.Services.AddSingleton(this);
        builder.Services.AddEventBrokerClient(options => options.Address = address)
            .AddHandler<Hosted, byte[]>(Event, static options => options.Subscription.WorkerGroup = "hosted");
        _host = builder.Build();
    }

    public static async Task<Workers> StartAsync(Uri address, ILoggerProvider log)
    {
        var workers = new Workers(address, log);
        await workers._transport.RegisterAsync(Event);
        workers._raw = await workers._transport.SubscribeAsync(Event, new SubscribeOptions { WorkerGroup = "raw" });
        workers._reading = workers.ReadAsync();
        var options = new HandlerOptions { Concurrency = 4, Subscription = { WorkerGroup = "bus" } };
        var work = new EventBus(workers._transport).Event<byte[]>(Event);
        workers._handlers = await Task.WhenAll(work.SubscribeAsync(workers.HandleAsync, options), work.SubscribeAsync(workers.HandleAsync, options));
        await workers._host.StartAsync();
        return workers;
    }

    // Publishes until the broker has it, as a program does that keeps what is not sent; ends when every group has handled all so far.
    public async Task WorkAsync(int messages)
    {
        await Task.WhenAll(Enumerable.Range(0, messages).Select(_ => PublishAsync($"{Interlocked.Increment(ref _published)}")));
        await Task.WhenAll(new[] { "raw", "bus", "hosted" }.Select(group => Of(group).Handled.ReachAsync(_published)));
    }

    public void Check()
    {
        foreach (var (name, group) in _groups)
        {
            Assert.True(group.Twice.IsEmpty, $"{name} has handled at once what it held: {string.Join(", ", group.Twice)}");
        }

        Assert.False(_raw.Completion.IsCompleted);
        Assert.All(_handlers, static handler => Assert.False(handler.Completion.IsCompleted));
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _host.StopAsync();
        _host.Dispose();
        await _transport.DisposeAsync();
        await _reading;
    }

    private Group Of(string name) => _groups.GetOrAdd(name, static _ => new Group());

    private async Task PublishAsync(string id)
    {
        while (true)
        {
            try
            {
                await _transport.PublishAsync(Event, new OutgoingMessage { Id = id });
                return;
            }
            catch (EventBrokerException exception) when (exception.IsTransient && !_stopping.IsCancellationRequested)
            {
                // All attempts of one call; the next begins.
            }
        }
    }

    private async Task ReadAsync()
    {
        await foreach (var delivery in _raw)
        {
            Of("raw").Handle(delivery.Id, CancellationToken.None)();
            _ = delivery.AckAsync();
        }
    }

    private async Task HandleAsync(byte[] value, EventContext context)
    {
        var end = Of("bus").Handle(context.Id, context.LeaseLost);
        await Task.Yield();
        end();
    }

    private sealed class Hosted(Workers workers) : IEventHandler<byte[]>
    {
        public Task HandleAsync(byte[] value, EventContext context)
        {
            workers.Of("hosted").Handle(context.Id, context.LeaseLost)();
            return Task.CompletedTask;
        }
    }

    private sealed class Group
    {
        private readonly ConcurrentDictionary<string, bool> _all = new();
        private readonly ConcurrentDictionary<string, CancellationToken> _running = new();

        public Counted Handled { get; } = new();

        public ConcurrentQueue<string> Twice { get; } = new();

        // Begins the handling of a message, and returns what ends it.
        public Action Handle(string id, CancellationToken lost)
        {
            if (!_running.TryAdd(id, lost) && _running.TryGetValue(id, out var other) && !other.IsCancellationRequested)
            {
                Twice.Enqueue(id);
            }

            return () =>
            {
                _running.TryRemove(id, out _);
                if (_all.TryAdd(id, true))
                {
                    Handled.Increment();
                }
            };
        }
    }
}
