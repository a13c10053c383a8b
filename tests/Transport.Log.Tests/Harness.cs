using System.Diagnostics.Metrics;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventBroker.Transport.Log.Tests;

/// <summary>A log in a folder of one test, that can be ended as hard as a process can be.</summary>
internal sealed class Harness : IAsyncDisposable
{
    private readonly Meter _meter = new("tests");
    private readonly TemporaryFolder _folder = new();
    private readonly List<TestSubscriber> _subscribers = [];
    private string _root;
    private int _generation;

    private Harness(string? root) => _root = root ?? _folder.Path;

    public SteppableClock Clock { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public LogSettings Settings { get; } = new();

    public LogTransport Transport { get; private set; } = null!;

    public TemporaryFolder Folder => _folder;

    public string Directory => Path.Combine(_root, $"log-{_generation}");

    public string File => Path.Combine(Directory, "events.db");

    /// <summary>Makes a log with the event "e".</summary>
    /// <param name="configure">What differs from the defaults.</param>
    /// <param name="root">Where the log's folder is made; null for a temporary folder.</param>
    public static async Task<Harness> CreateAsync(Action<LogSettings>? configure = null, string? root = null)
    {
        var harness = new Harness(root);
        configure?.Invoke(harness.Settings);
        harness.Open();
        await harness.Transport.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        return harness;
    }

    public void Open()
    {
        Settings.Directory = Directory;
        Transport = LogTransport.Open("disk", Settings, Clock, _meter, NullLogger.Instance);
    }

    /// <summary>Goes on over the files as they are now, as after the process was killed.</summary>
    /// <param name="root">Where they are copied to; null for where they are.</param>
    /// <param name="prepare">What is done before the log is opened.</param>
    public async Task KillAndOpenAsync(string? root = null, Action? prepare = null)
    {
        var before = Directory;
        _generation++;
        _root = root ?? _root;
        TemporaryFolder.Copy(before, Directory);
        await Transport.DisposeAsync();
        prepare?.Invoke();
        Open();
    }

    public Task<PublishReceipt> PublishAsync(string text, string? id = null, int size = 0, string eventName = "e") =>
        Transport.PublishAsync(eventName, Message(text, id, size), CancellationToken.None).AsTask();

    public Task PublishToAsync(ITransport transport, string text) =>
        transport.PublishAsync("e", Message(text), CancellationToken.None).AsTask();

    public async Task PublishAsync(IEnumerable<string> texts)
    {
        var batch = new PublishBatch();
        foreach (var text in texts)
        {
            batch.Add(Message(text));
        }

        await Transport.PublishAsync("e", batch, CancellationToken.None);
    }

    public async Task<TestSubscriber> SubscribeAsync(SubscribeOptions? options = null, string eventName = "e")
    {
        var probe = new SubscriberProbe();
        var subscription = await Transport.SubscribeAsync(
            eventName, options ?? new SubscribeOptions { Start = StartPosition.Beginning }, probe, CancellationToken.None);
        var subscriber = new TestSubscriber(subscription, probe, TimeSpan.FromSeconds(30));
        _subscribers.Add(subscriber);
        return subscriber;
    }

    public Task<TestSubscriber> JoinAsync(string group = "g") => SubscribeAsync(
        new SubscribeOptions { Mode = DeliveryMode.WorkerPool, WorkerGroup = group, Start = StartPosition.Beginning });

    public async Task<string> HealthAsync(string detail) =>
        (await Transport.CheckHealthAsync(CancellationToken.None)).Details[detail];

    public async ValueTask DisposeAsync()
    {
        foreach (var subscriber in _subscribers)
        {
            await subscriber.DisposeAsync();
        }

        await Transport.DisposeAsync();
        _meter.Dispose();
        _folder.Dispose();
    }

    private static TransportMessage Message(string text, string? id = null, int size = 0)
    {
        var encoder = new MessageEncoder();
        encoder.WriteId(System.Text.Encoding.UTF8.GetBytes(id ?? text));
        encoder.WritePayload(System.Text.Encoding.UTF8.GetBytes(text.PadRight(Math.Max(size, text.Length))));
        return new TransportMessage(encoder.Build()) { HasGeneratedId = id is null };
    }
}
