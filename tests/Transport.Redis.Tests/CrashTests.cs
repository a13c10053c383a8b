using System.Collections.Concurrent;
using System.Globalization;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Redis.Tests;

/// <summary>Redis and brokers die under load, again and again.</summary>
public sealed class CrashTests
{
    private const int Publishers = 4;
    private const int RedisCrashes = 5;
    private const int HostCrashes = 5;

    private readonly ConcurrentDictionary<string, bool> _acknowledged = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Group, string Text), bool> _settled = new();
    private readonly ConcurrentDictionary<(string Group, string Text), bool> _delivered = new();
    private readonly ConcurrentQueue<string> _seenAgain = new();
    private volatile bool _publishes = true;
    private volatile bool _consumes = true;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_and_nothing_settled_comes_again()
    {
        await using var harness = await Harness.StartServerAsync("--appendonly", "yes", "--appendfsync", "always");
        var publisher = await harness.StartHostAsync();
        await publisher.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        string[] groups = ["one", "other"];
        foreach (var group in groups)
        {
            await (await Harness.JoinAsync(publisher, "e", group)).DisposeAsync();
        }

        var stays = await harness.StartHostAsync();
        var publishing = Enumerable.Range(0, Publishers).Select(p => Task.Run(() => PublishAsync(harness, publisher, p))).ToArray();
        var consuming = groups.Select(g => Task.Run(() => ConsumeAsync(stays, g))).ToList();
        for (var round = 0; round < Math.Max(RedisCrashes, HostCrashes); round++)
        {
            var dies = await StartPersistentlyAsync(harness);
            var dying = groups.Select(g => Task.Run(() => ConsumeAsync(dies, g))).ToArray();
            await ComesOnAsync();
            await harness.CrashAsync(dies);
            await Task.WhenAll(dying);
            await harness.Server.KillAsync();
            await harness.Server.StartAgainAsync();
            await ComesOnAsync();
        }

        _publishes = false;
        await Task.WhenAll(publishing);

        // Delivered, not settled: an ack whose answer was lost may have been taken.
        await Harness.UntilAsync(() => Task.FromResult(_acknowledged.Keys.All(t => groups.All(g => _delivered.ContainsKey((g, t))))));
        _consumes = false;
        await stays.DisposeAsync();
        await Task.WhenAll(consuming);
        Assert.Empty(_seenAgain);
        Assert.True(_acknowledged.Count > 100, "there was no load");
    }

    // A host that is started while Redis is away gets no further.
    private static async Task<RedisTransport> StartPersistentlyAsync(Harness harness)
    {
        while (true)
        {
            try
            {
                return await harness.StartHostAsync();
            }
            catch (BrokerException failure) when (failure.Code == BrokerErrorCode.Unavailable)
            {
                // Again.
            }
        }
    }

    private async Task ComesOnAsync()
    {
        var before = (_acknowledged.Count, _settled.Count);
        await Harness.UntilAsync(() => Task.FromResult(_acknowledged.Count > before.Item1 + 50 && _settled.Count > before.Item2 + 50));
    }

    private async Task PublishAsync(Harness harness, RedisTransport host, int publisher)
    {
        for (var number = 0; _publishes; number++)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{publisher}.{number}");
            await harness.PublishPersistentlyAsync(host, "e", text);
            _acknowledged[text] = true;
        }
    }

    private async Task ConsumeAsync(RedisTransport host, string group)
    {
        while (_consumes)
        {
            try
            {
                await using var worker = await Harness.JoinAsync(host, "e", group);
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

                // Redis is away: the subscription did not open. It is tried again.
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
}
