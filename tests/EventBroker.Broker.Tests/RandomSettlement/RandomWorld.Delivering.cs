using EventBroker.Broker.Settling;
using EventBroker.Broker.Subscribing;
using EventBroker.Sdk.Interception;

namespace EventBroker.Broker.Tests.RandomSettlement;

// Taking, sending, settling, and time.
internal sealed partial class RandomWorld
{
    private async Task<int> TakeAsync(Reader reader, int most)
    {
        if (!reader.MayTake())
        {
            return 0;
        }

        var buffer = new OutboundDelivery[most];
        var taken = await reader.Subscription.TakeAsync(buffer, 1 << 20);
        foreach (var delivery in buffer.Take(taken))
        {
            var id = delivery.Message.GetId();

            // A broadcast subscription may begin with what was published while it was being opened: not here, where one thing happens at a time.
            var track = reader.Audience[id];
            Note(track, $"taken by {_readers.IndexOf(reader)}, retry count {delivery.RetryCount}");
            Assert.False(track.IsSettled && !track.MayRepeat, $"{id} was settled and comes again: {Tell(track)}");
            Assert.True(track.NotBefore <= _now, $"{id} comes at {_now}, due at {track.NotBefore}: {Tell(track)}");
            Assert.False(
                _readers.Where(r => r.Audience == reader.Audience).SelectMany(static r => r.Held).Any(h => h.Message == id),
                $"{id} is in two hands: {Tell(track)}");
            if (track.Slack == int.MaxValue)
            {
                track.Sent = delivery.RetryCount;
            }

            Assert.True(
                delivery.RetryCount >= track.Sent && delivery.RetryCount - track.Sent <= track.Slack,
                $"{id} has retry count {delivery.RetryCount}, was handed over {track.Sent} times (and {track.Slack} perhaps): {Tell(track)}");
            (track.Sent, track.Slack) = (delivery.RetryCount, 0);
            (track.IsSettled, track.MayRepeat) = (false, false);
            reader.Held.Add(new Holding { Message = id, Id = BrokerFixture.IdOf(reader.Subscription, delivery) });
            reader.UnsentSince ??= _now;
        }

        if (taken == 0)
        {
            reader.Wait();
        }

        return taken;
    }

    private async Task SendAsync(Reader reader)
    {
        await reader.Subscription.SentAsync(hasWaited: true);
        reader.UnsentSince = null;
        foreach (var holding in reader.Held.Where(static h => !h.IsSent))
        {
            MarkSent(reader, holding);
        }
    }

    private void MarkSent(Reader reader, Holding holding)
    {
        holding.IsSent = true;
        holding.Deadline = Math.Max(holding.Deadline, _now + AckTimeout);
        reader.Audience[holding.Message].Sent++;
        Note(reader.Audience[holding.Message], "sent");
    }

    private Task SettleAsync(Reader reader, Holding holding) => _random.Next(10) switch
    {
        < 4 => SettleAsync(reader, holding, Settlement.Ack),
        < 6 => SettleAsync(reader, holding, Settlement.Nack),
        < 8 => SettleAsync(reader, holding, Settlement.Nack, _random.Next(20_000)),
        _ => SettleAsync(reader, holding, Settlement.Extend, 1000 + _random.Next(60_000)),
    };

    private async Task SettleAsync(Reader reader, Holding holding, Settlement settlement, int? time = null)
    {
        if (holding.IsSettling)
        {
            return;
        }

        if (settlement != Settlement.Extend && !holding.IsSent)
        {
            // Whoever answers has got it, whatever its connection has said by then.
            MarkSent(reader, holding);
        }

        SettleEntry[] entries =
            [new() { AckId = holding.Id, Settlement = settlement, Time = time is { } ms ? TimeSpan.FromMilliseconds(ms) : null }];
        var asked = _now;
        var task = _fixture.Broker.SettleAsync(_fixture.Caller, entries, CancellationToken.None).AsTask();
        if (task.IsCompleted)
        {
            await task;
            Judge();
            return;
        }

        holding.IsSettling = true;
        _underWay.Add((task, () =>
        {
            holding.IsSettling = false;
            Judge();
            return Task.CompletedTask;
        }
        ));

        void Judge()
        {
            var track = reader.Audience[holding.Message];
            Note(track, $"{settlement} {time} asked at {asked}: {entries[0].Result}");
            switch (entries[0].Result)
            {
                case SettleResult.Settled when settlement == Settlement.Extend:
                    holding.Deadline = holding.IsSent ? asked + time!.Value : Math.Max(holding.Deadline, asked + time!.Value);
                    return;
                case SettleResult.Failed:
                    Assert.True(_fails, "it failed although nothing fails");
                    holding.Deadline = Math.Max(holding.Deadline, _now + 1000);
                    return;
                default:
                    Assert.True(entries[0].Result == SettleResult.Settled, $"{holding.Message} is {entries[0].Result}: {Tell(track)}");
                    track.IsSettled = settlement == Settlement.Ack;
                    (track.NotBefore, track.DueBy) = (asked + (time ?? 0), _now + (time ?? 0));
                    reader.Held.Remove(holding);
                    _old.Add(holding.Id);
                    return;
            }
        }
    }

    // The answer to what is over is that it is over, whoever asks and whatever for.
    private async Task SettleOldAsync()
    {
        SettleEntry[] entries = [new() { AckId = _old[_random.Next(_old.Count)], Settlement = (Settlement)_random.Next(2) }];
        await _fixture.Broker.SettleAsync(_fixture.Caller, entries, CancellationToken.None);
        Assert.Equal(SettleResult.Expired, entries[0].Result);
    }

    private async Task AdvanceAsync(long milliseconds)
    {
        foreach (var reader in _readers.Where(r => _now + milliseconds - r.UnsentSince >= AckTimeout))
        {
            // Longer, and it would be taken for stuck.
            await SendAsync(reader);
        }

        _now += milliseconds;
        foreach (var reader in _readers)
        {
            var expired = reader.Held.Where(h => h.IsSent && !h.IsSettling && h.Deadline <= _now).ToList();
            foreach (var holding in expired)
            {
                reader.Held.Remove(holding);
                _old.Add(holding.Id);
                Note(reader.Audience[holding.Message], "expired");
            }
        }

        _fixture.Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
    }

    private async Task HoldOrLetGoAsync()
    {
        if (_transport.Held is null)
        {
            _transport.Held = new TaskCompletionSource();
        }
        else
        {
            await LetGoAsync();
        }
    }

    private async Task LetGoAsync()
    {
        var held = _transport.Held;
        _transport.Held = null;
        held?.SetResult();
        foreach (var (task, judge) in _underWay)
        {
            await task;
            await judge();
        }

        _underWay.Clear();
        foreach (var reader in _readers)
        {
            await reader.Subscription.WhenSettledAsync();
        }
    }

    // With everything working and everybody reading, whatever is due is in somebody's hands; nobody is left waiting for a signal.
    private async Task CheckAsync()
    {
        _fails = false;
        _transport.Refuses = null;
        await LetGoAsync();
        if (_readers.Count == 0)
        {
            await OpenAsync();
        }

        // What the transport has refused is tried again within a second.
        await AdvanceAsync(1001);
        foreach (var reader in _readers)
        {
            await SpeakAsync(reader);
        }

        var progress = true;
        while (progress)
        {
            progress = false;
            foreach (var reader in _readers)
            {
                while (await TakeAsync(reader, 8) > 0)
                {
                    progress = true;
                    await SendAsync(reader);
                }
            }
        }

        foreach (var audience in _readers.Select(static r => r.Audience).Distinct())
        {
            var held = _readers.Where(r => r.Audience == audience).SelectMany(static r => r.Held).Select(static h => h.Message).ToHashSet();
            foreach (var (id, track) in audience)
            {
                Assert.True(
                    track.IsSettled || held.Contains(id) || track.DueBy > _now, $"{id}, due at {track.DueBy}, is lost at {_now}: {Tell(track)}");
            }
        }
    }

    // So that nobody is passed over for its silence.
    private async Task SpeakAsync(Reader reader)
    {
        var own = reader.Subscription.AckId;
        var id = new AckId(own.Node, own.Subscription, own.Tag, 1);
        SettleEntry[] entries = [new() { AckId = id, Settlement = Settlement.Extend }];
        await _fixture.Broker.SettleAsync(_fixture.Caller, entries, CancellationToken.None);
    }

    private void Note(Track track, string what) => track.History.Add($"{_now} {what}");

    private static string Tell(Track track) => string.Join("; ", track.History);
}
