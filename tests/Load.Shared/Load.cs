using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Loads.Tests;

/// <summary>Publishers and workers of some groups that go on whatever happens to hosts and to their backend, and what they have seen.</summary>
internal sealed class Load
{
    private const string Event = "e";
    private const int MostAhead = 2_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly string[] _groups;
    private readonly ConcurrentDictionary<string, bool> _acknowledged = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Group, string Text), bool> _settled = new();
    private readonly ConcurrentDictionary<(string Group, string Text), bool> _delivered = new();
    private readonly ConcurrentQueue<string> _seenAgain = new();
    private readonly List<Task> _publishing = [];
    private readonly List<Task> _consuming = [];
    private long _missed;
    private int _publishers;
    private int _refused;
    private volatile bool _publishes = true;
    private volatile bool _consumes = true;

    private Load(string[] groups) => _groups = groups;

    /// <summary>Gets or sets whether the backend keeps nothing, and refuses to publish until a subscriber is back.</summary>
    public bool NeedsSubscribers { get; set; }

    /// <summary>Gets how many deliveries a group is short of: acknowledged to the publisher, and nobody has seen it.</summary>
    public int CountUnseen(string group) => _acknowledged.Keys.Count(t => !_delivered.ContainsKey((group, t)));

    /// <summary>Gets how many messages were acknowledged to their publishers.</summary>
    public int Acknowledged => _acknowledged.Count;

    /// <summary>Gets how often a publisher that tries again was refused.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>Gets what was delivered although its settlement had been answered.</summary>
    public IReadOnlyCollection<string> SeenAgain => _seenAgain;

    /// <summary>Gets how many messages the workers were told that they have missed.</summary>
    public long Missed => Volatile.Read(ref _missed);

    // A backend that keeps a bounded amount drops what nobody has read in time: that is not what is asked here.
    private bool IsFarAhead => !NeedsSubscribers && _consuming.Count > 0 && _acknowledged.Count - (_settled.Count / _groups.Length) > MostAhead;

    /// <summary>Makes the event and its groups, so that these get everything.</summary>
    public static async Task<Load> BeginAsync(ITransport host, params string[] groups)
    {
        await host.RegisterAsync(Event, EventOptions.None, CancellationToken.None);
        foreach (var group in groups)
        {
            await (await JoinAsync(host, group)).DisposeAsync();
        }

        return new Load(groups);
    }

    /// <summary>Publishes at a host until the end.</summary>
    public void Publish(ITransport host, int publishers)
    {
        for (var i = 0; i < publishers; i++)
        {
            var publisher = _publishers++;
            _publishing.Add(Task.Run(() => PublishAsync(host, publisher)));
        }
    }

    /// <summary>Works for each group at a host, until the end or until the host is closed.</summary>
    /// <returns>A task that ends then.</returns>
    public Task Consume(ITransport host)
    {
        var working = Task.WhenAll(_groups.Select(g => Task.Run(() => ConsumeAsync(host, g))));
        _consuming.Add(working);
        return working;
    }

    /// <summary>Waits until some more was published and settled.</summary>
    public async Task ComesOnAsync(int count = 50)
    {
        var (published, settled) = (_acknowledged.Count, _settled.Count);
        await UntilAsync(() => Task.FromResult(_acknowledged.Count > published + count && _settled.Count > settled + count));
    }

    /// <summary>Ends the publishers, and waits until all groups have got everything that was acknowledged; it may be settled, too, without
    /// anybody knowing.</summary>
    public async Task AllArriveAsync()
    {
        await EndPublishersAsync();
        await UntilAsync(() => Task.FromResult(_acknowledged.Keys.All(t => _groups.All(g => _delivered.ContainsKey((g, t))))));
    }

    public Task EndPublishersAsync()
    {
        _publishes = false;
        return Task.WhenAll(_publishing);
    }

    public Task EndWorkersAsync()
    {
        _consumes = false;
        return Task.WhenAll(_consuming);
    }

    /// <summary>Compares what an event holds with what was acknowledged.</summary>
    /// <returns>What is missing, and what is there twice.</returns>
    public async Task<(IReadOnlyList<string> Missing, IReadOnlyList<string> Twice)> CompareAsync(ITransport host)
    {
        var reader = await PersistAsync(() => SubscribeAsync(host, new SubscribeOptions { Start = StartPosition.Beginning }));
        var count = (int)(await PersistAsync(() => host.DescribeAsync(Event, CancellationToken.None).AsTask())).Messages!.Value;
        var there = await reader.TakeTextAsync(count);
        return (
            [.. _acknowledged.Keys.Except(there, StringComparer.Ordinal)],
            [.. there.GroupBy(static t => t, StringComparer.Ordinal).Where(static g => g.Count() > 1).Select(static g => g.Key)]);
    }

    /// <summary>Waits until something is so.</summary>
    public static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        var begin = TimeProvider.System.GetTimestamp();
        while (!await isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begin) < Patience, "it did not come to that");
            await Task.Delay(Pause, TimeProvider.System);
        }
    }

    private async Task PublishAsync(ITransport host, int publisher)
    {
        for (var number = 0; _publishes; number++)
        {
            while (IsFarAhead && _publishes)
            {
                await Task.Delay(Pause, TimeProvider.System);
            }

            var text = string.Create(CultureInfo.InvariantCulture, $"{publisher}.{number}");
            await PublishPersistentlyAsync(host, text);
            _acknowledged[text] = true;
        }
    }

    private async Task ConsumeAsync(ITransport host, string group)
    {
        while (_consumes)
        {
            try
            {
                await using var worker = await JoinAsync(host, group);
                while (_consumes)
                {
                    await TakeAsync(worker, group);
                }
            }
            catch (BrokerException failure) when (failure.Code == BrokerErrorCode.Unavailable)
            {
                if (failure.Message.Contains("closed", StringComparison.Ordinal))
                {
                    return;
                }

                // The backend is away: the subscription did not open. It is tried again.
            }
        }
    }

    private async Task TakeAsync(TestSubscriber worker, string group)
    {
        var read = worker.ReadOnce(20);
        if (read.Count == 0)
        {
            await Task.WhenAny(worker.Demand(20), Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System));
            return;
        }

        Interlocked.Add(ref _missed, read.Sum(static d => d.Missed));
        foreach (var text in read.Select(TestSubscriber.Text))
        {
            _delivered[(group, text)] = true;
            if (_settled.ContainsKey((group, text)))
            {
                _seenAgain.Enqueue(group + " " + text);
            }
        }

        try
        {
            foreach (var (delivery, outcome) in read.Zip(await worker.CompleteAsync(read)))
            {
                if (outcome == SettlementOutcome.Done)
                {
                    _settled[(group, TestSubscriber.Text(delivery))] = true;
                }
            }
        }
        catch (BrokerException)
        {
            // Not known whether they are settled: they may come again.
        }
    }

    // A backend that has just come back may not answer each question yet.
    private static async Task<T> PersistAsync<T>(Func<Task<T>> ask)
    {
        var begin = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (BrokerException failure) when (failure.Code == BrokerErrorCode.Unavailable && TimeProvider.System.GetElapsedTime(begin) < Patience)
            {
                await Task.Delay(Pause, TimeProvider.System);
            }
        }
    }

    // Until it is taken, as a client that tries again does.
    private async Task PublishPersistentlyAsync(ITransport host, string text)
    {
        var now = MessageTimestamp.From(TimeProvider.System.GetUtcNow());
        var message = new TransportMessage(MessageEncoder.Encode("id-" + text, "tests", Encoding.UTF8.GetBytes(text), null, now));
        var begin = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await host.PublishAsync(Event, message, CancellationToken.None);
                return;
            }
            catch (BrokerException failure) when (
                (failure.Code is BrokerErrorCode.Unavailable or BrokerErrorCode.DeadlineExceeded
                    || (NeedsSubscribers && failure.Code == BrokerErrorCode.FailedPrecondition))
                && TimeProvider.System.GetElapsedTime(begin) < Patience)
            {
                Interlocked.Increment(ref _refused);
                await Task.Delay(Pause, TimeProvider.System);
            }
        }
    }

    private static Task<TestSubscriber> JoinAsync(ITransport host, string group) =>
        SubscribeAsync(host, new SubscribeOptions { Mode = DeliveryMode.WorkerPool, WorkerGroup = group });

    private static async Task<TestSubscriber> SubscribeAsync(ITransport host, SubscribeOptions options)
    {
        var probe = new SubscriberProbe();
        return new TestSubscriber(await host.SubscribeAsync(Event, options, probe, CancellationToken.None), probe, Patience);
    }
}
