using System.Globalization;
using EventBroker.Broker.Settling;
using EventBroker.Broker.Subscribing;
using EventBroker.Sdk.Interception;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Tests.RandomSettlement;

/// <summary>A broker, a few subscribers, a clock, and a model that knows what must be true.</summary>
internal sealed partial class RandomWorld : IAsyncDisposable
{
    private const int MaxReaders = 3;
    private const int AckTimeout = 30_000;
    private readonly Random _random;
    private readonly BrokerFixture _fixture;
    private readonly UnreliableTransport _transport;
    private readonly Audience _kind;
    private readonly bool _forgets;
    private readonly List<Reader> _readers = [];
    private readonly List<(Task Task, Func<Task> Judge)> _underWay = [];
    private readonly List<AckId> _old = [];
    private readonly Dictionary<string, Track> _shared = [];
    private long _now;
    private int _published;
    private bool _fails;

    private RandomWorld(int seed, UnreliableTransport transport, Audience kind, BrokerFixture fixture, bool forgets)
    {
        _random = new Random(seed);
        _transport = transport;
        _kind = kind;
        _fixture = fixture;
        _forgets = forgets;
    }

    internal enum Audience
    {
        Broadcast,
        ConsumerId,
        WorkerGroup,
    }

    public static async Task<RandomWorld> StartAsync(int seed, Func<TimeProvider, ITransport> transport, Audience kind, bool forgets)
    {
        UnreliableTransport? unreliable = null;
        var fixture = new BrokerFixture([new ImmediateAuthorizer()], makeTransport: clock => unreliable = new UnreliableTransport(transport(clock)));
        await fixture.RegisterAsync();
        var world = new RandomWorld(seed, unreliable!, kind, fixture, forgets);
        await world.OpenAsync();
        return world;
    }

    public async Task StepAsync()
    {
        var reader = _readers.Count == 0 ? null : _readers[_random.Next(_readers.Count)];
        switch (_random.Next(100))
        {
            case < 22:
                await PublishAsync();
                break;
            case < 40 when reader is not null:
                await TakeAsync(reader, _random.Next(1, 9));
                break;
            case < 52 when reader is not null:
                await SendAsync(reader);
                break;
            case < 78 when reader is { Held.Count: > 0 }:
                await SettleAsync(reader, reader.Held[_random.Next(reader.Held.Count)]);
                break;
            case < 81 when _old.Count > 0:
                await SettleOldAsync();
                break;
            case < 90:
                await AdvanceAsync(_random.Next(4) == 0 ? _random.Next(40_000) : _random.Next(500));
                break;
            case < 92:
                await OpenAsync();
                break;
            case < 93 when reader is not null:
                await CloseAsync(reader);
                break;
            case < 95 when reader is { Held.Count: > 0 }:
                await LoseLeaseAsync(reader);
                break;
            case < 96:
                _fails = !_fails;
                _transport.Refuses = _fails ? () => _random.Next(2) == 0 : null;
                break;
            case < 98:
                await HoldOrLetGoAsync();
                break;
            default:
                if (_random.Next(10) == 0)
                {
                    await CheckAsync();
                }

                break;
        }
    }

    /// <summary>Settles everything that is left, and looks whether anything is.</summary>
    public async Task FinishAsync()
    {
        for (var round = 0; ; round++)
        {
            Assert.True(round < 1000, "there is no end to what comes again");
            await CheckAsync();
            foreach (var reader in _readers)
            {
                foreach (var holding in reader.Held.ToList())
                {
                    await SettleAsync(reader, holding, Settlement.Ack);
                }
            }

            var left = _readers.SelectMany(static r => r.Audience.Values).Where(static t => !t.IsSettled).ToList();
            if (left.Count == 0)
            {
                break;
            }

            await AdvanceAsync(Math.Max(1, left.Min(static t => t.DueBy) - _now));
        }

        foreach (var reader in _readers.ToList())
        {
            await CloseAsync(reader);
        }

        Assert.Equal("0", (await _fixture.Broker.CheckHealthAsync(CancellationToken.None)).Details["subscriptions"]);
        if (_transport.Capabilities.Has(TransportCapability.EventDescription))
        {
            var description = await _transport.DescribeAsync("e", CancellationToken.None);
            Assert.All(description.Groups, static g => Assert.Equal((0, 0), (g.Lag, g.Unsettled)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        _transport.Held?.SetResult();
        await _fixture.DisposeAsync();
        await _transport.DisposeAsync();
    }

    private async Task PublishAsync()
    {
        var id = (++_published).ToString(CultureInfo.InvariantCulture);
        foreach (var audience in _kind == Audience.Broadcast ? _readers.Select(static r => r.Audience) : [_shared])
        {
            audience.Add(id, new Track());
        }

        await _fixture.PublishAsync(id);
    }

    private async Task OpenAsync()
    {
        if (_readers.Count == MaxReaders)
        {
            return;
        }

        if (_kind == Audience.ConsumerId && _readers.Count > 0)
        {
            // A takeover: what the older one holds goes to the newer one, which the transport counts by itself.
            await LetGoAsync();
            Abandon(_readers[0], counts: true);
        }

        var subscription = await _fixture.Broker.SubscribeAsync(
            _fixture.Caller,
            new SubscribeRequest
            {
                EventName = "e",
                Mode = _kind == Audience.WorkerGroup ? DeliveryMode.WorkerPool : DeliveryMode.Broadcast,
                WorkerGroup = _kind == Audience.WorkerGroup ? "g" : "",
                ConsumerId = _kind == Audience.ConsumerId ? "c" : "",
            },
            CancellationToken.None);
        if (_kind == Audience.ConsumerId && _readers.Count > 0)
        {
            await _readers[0].Subscription.DisposeAsync();
            _readers.RemoveAt(0);
        }

        _readers.Add(new Reader(subscription, _kind == Audience.Broadcast ? [] : _shared));
    }

    private async Task CloseAsync(Reader reader)
    {
        await LetGoAsync();
        Abandon(reader, counts: _fails);
        _readers.Remove(reader);
        await reader.Subscription.DisposeAsync();
    }

    // What a reader leaves behind is to be delivered again, and is as often handed over as before.
    private void Abandon(Reader reader, bool counts)
    {
        foreach (var holding in reader.Held)
        {
            reader.Audience[holding.Message].Slack += counts ? 1 : 0;
            Note(reader.Audience[holding.Message], "abandoned");
        }

        if (_forgets)
        {
            foreach (var track in reader.Audience.Values)
            {
                track.NotBefore = 0;
                track.MayRepeat = true;
                track.Slack = int.MaxValue;
            }
        }

        _old.AddRange(reader.Held.Select(static h => h.Id));
        reader.Held.Clear();
    }

    private async Task LoseLeaseAsync(Reader reader)
    {
        // Over a transport that takes no releases there is nobody else to give it to.
        if (_kind == Audience.Broadcast || !_transport.Capabilities.Has(TransportCapability.Redelivery))
        {
            return;
        }

        await LetGoAsync();
        if (reader.Held.Count == 0)
        {
            return;
        }

        var holding = reader.Held[_random.Next(reader.Held.Count)];
        reader.Held.Remove(holding);
        _old.Add(holding.Id);
        Note(reader.Audience[holding.Message], "lease lost");
        await _transport.LoseLeaseAsync(holding.Message, reader.Audience[holding.Message].Sent);
    }
}
