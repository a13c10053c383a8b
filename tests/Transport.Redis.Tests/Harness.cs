using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Redis.Settings;
using EventBroker.Transport.Redis.Tests.Servers;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Tests;

/// <summary>Hosts over one server, with keys that no other test has, and a way past them to what they write.</summary>
internal sealed class Harness : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Meter _meter = new("tests");
    private readonly List<ITransport> _transports = [];
    private readonly List<IAsyncDisposable> _others = [];
    private readonly Dictionary<ITransport, Wire> _wires = [];
    private ConnectionMultiplexer? _direct;
    private int _messages;

    private Harness(RedisServer server) => Server = server;

    public RedisServer Server { get; }

    public CountingLogger Log { get; } = new();

    public string Prefix { get; } = "h" + Guid.NewGuid().ToString("n");

    /// <summary>Gets a server of the test's own, to do something to it.</summary>
    public static async Task<Harness> StartServerAsync(params string[] arguments)
    {
        var server = await RedisServer.StartAsync(arguments);
        var harness = new Harness(server);
        harness._others.Add(server);
        return harness;
    }

    /// <summary>Gets the server that all tests share.</summary>
    public static async Task<Harness> ShareServerAsync() => new(await SharedRedis.GetAsync());

    /// <summary>Takes a server that somebody else ends.</summary>
    public static Harness Over(RedisServer server) => new(server);

    /// <summary>Starts a host.</summary>
    public async Task<RedisTransport> StartHostAsync(Action<RedisSettings>? change = null)
    {
        var wire = new Wire(Server.Port);
        _others.Add(wire);
        var settings = new RedisSettings
        {
            ConnectionString = wire.Address,
            KeyPrefix = Prefix,
            IdleLimit = TimeSpan.FromSeconds(4),
            PollInterval = TimeSpan.FromMilliseconds(500),

            // Three tests wait for it, and a busy machine stands still for longer than one would think.
            Timeout = TimeSpan.FromSeconds(6),
            StartTimeout = TimeSpan.FromSeconds(10),
        };
        change?.Invoke(settings);
        var transport = await RedisTransport.StartAsync("redis", settings, TimeProvider.System, _meter, Log, CancellationToken.None);
        _transports.Add(transport);
        _wires[transport] = wire;
        return transport;
    }

    public Wire WireOf(ITransport transport) => _wires[transport];

    /// <summary>Ends a host as a crash does: it gives nothing back.</summary>
    public async Task CrashAsync(ITransport transport)
    {
        _wires[transport].Cut();
        await transport.DisposeAsync();
    }

    public async Task<IDatabase> GetDatabaseAsync()
    {
        _direct ??= await Server.ConnectAsync();
        return _direct.GetDatabase();
    }

    public string Stream(string eventName) => $"{Prefix}:{{{eventName}}}";

    public EncodedMessage Message(string text, string? id = null) => MessageEncoder.Encode(
        id ?? string.Create(CultureInfo.InvariantCulture, $"id-{Interlocked.Increment(ref _messages)}"),
        "tests",
        Encoding.UTF8.GetBytes(text),
        null,
        MessageTimestamp.From(TimeProvider.System.GetUtcNow()));

    public async Task PublishAsync(ITransport transport, string eventName, params IEnumerable<string> texts)
    {
        foreach (var text in texts)
        {
            await transport.PublishAsync(eventName, new TransportMessage(Message(text)), CancellationToken.None);
        }
    }

    /// <summary>Publishes until it is taken, as a client that tries again does.</summary>
    public Task PublishPersistentlyAsync(ITransport transport, string eventName, string text)
    {
        var message = new TransportMessage(Message(text));
        return UntilAsync(async () =>
        {
            try
            {
                await transport.PublishAsync(eventName, message, CancellationToken.None);
                return true;
            }
            catch (BrokerException failure) when (failure.Code == BrokerErrorCode.Unavailable)
            {
                return false;
            }
        });
    }

    public static Task<TestSubscriber> JoinAsync(ITransport transport, string eventName, string group = "g", string consumerId = "") =>
        SubscribeAsync(transport, eventName, new SubscribeOptions { Mode = DeliveryMode.WorkerPool, WorkerGroup = group, ConsumerId = consumerId });

    public static async Task<TestSubscriber> SubscribeAsync(ITransport transport, string eventName, SubscribeOptions? options = null)
    {
        var probe = new SubscriberProbe();
        var subscription = await transport.SubscribeAsync(eventName, options ?? new SubscribeOptions(), probe, CancellationToken.None);
        return new TestSubscriber(subscription, probe, Patience);
    }

    /// <summary>Waits until something is so.</summary>
    public static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        var begin = TimeProvider.System.GetTimestamp();
        while (!await isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begin) < Patience, "it did not come to that");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var transport in _transports)
        {
            await transport.DisposeAsync();
        }

        await (_direct?.DisposeAsync() ?? ValueTask.CompletedTask);
        foreach (var other in _others.AsEnumerable().Reverse())
        {
            await other.DisposeAsync();
        }

        _meter.Dispose();
    }
}
