using System.Globalization;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Log.Tests;

/// <summary>A worker group over a log whose process is killed again and again, against a model: nothing that was published is lost, nothing
/// settled comes again, and counts are right to the one.</summary>
public sealed class RandomRestartTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Whatever_happens_between_crashes_is_remembered(int seed)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var log = await Harness.CreateAsync();
        var unsettled = new Dictionary<string, int>();
        var held = new Dictionary<string, Delivery>();
        var waiting = new HashSet<string>();
        var published = 0;
        var worker = await log.JoinAsync();
        for (var step = 0; step < 600; step++)
        {
            switch (random.Next(10))
            {
                case 0 or 1 or 2:
                    var texts = Enumerable.Range(published, random.Next(1, 40)).Select(static i => i.ToString(CultureInfo.InvariantCulture)).ToList();
                    published += texts.Count;
                    await log.PublishAsync(texts);
                    texts.ForEach(t => unsettled.Add(t, 0));
                    break;
                case 3 or 4 or 5:
                    foreach (var delivery in worker.ReadOnce(random.Next(1, 30)))
                    {
                        var text = TestSubscriber.Text(delivery);
                        Assert.True(unsettled.TryGetValue(text, out var count), $"{text} is settled and came again at step {step}");
                        Assert.False(held.ContainsKey(text), $"{text} is held and came again at step {step}");
                        Assert.False(waiting.Contains(text), $"{text} came before its time at step {step}");
                        Assert.True(count == delivery.RetryCount, $"{text} came with count {delivery.RetryCount} instead of {count} at step {step}");
                        held.Add(text, delivery);
                    }

                    break;
                case 6 or 7:
                    var chosen = held.Where(_ => random.Next(2) == 0).ToList();
                    var settlements = chosen.Select(h => Settlement(h.Value, random.Next(4))).ToList();
                    var outcomes = await worker.SettleAsync(settlements);
                    Assert.All(outcomes, static o => Assert.Equal(SettlementOutcome.Done, o));
                    for (var i = 0; i < chosen.Count; i++)
                    {
                        var (text, settlement) = (chosen[i].Key, settlements[i]);
                        held.Remove(text);
                        if (settlement.Action == SettlementAction.Complete)
                        {
                            unsettled.Remove(text);
                            continue;
                        }

                        unsettled[text] = settlement.Attempts;
                        if (settlement.Delay > TimeSpan.Zero)
                        {
                            waiting.Add(text);
                        }
                    }

                    break;
                case 8:
                    log.Clock.Advance(TimeSpan.FromSeconds(61));
                    waiting.Clear();
                    break;
                default:
                    if (random.Next(2) == 0)
                    {
                        await log.KillAndOpenAsync();
                    }
                    else
                    {
                        await worker.DisposeAsync();
                    }

                    foreach (var text in held.Keys)
                    {
                        unsettled[text]++;
                    }

                    held.Clear();
                    worker = await log.JoinAsync();
                    break;
            }
        }

        // All that is left comes.
        await log.KillAndOpenAsync();
        log.Clock.Advance(TimeSpan.FromSeconds(61));
        worker = await log.JoinAsync();
        var left = await worker.TakeTextAsync(unsettled.Count);
        Assert.Equal(unsettled.Keys.Order(), left.Order());
        output.WriteLine($"{published} published, {unsettled.Count} left");
    }

    private static TransportSettlement Settlement(Delivery delivery, int kind) => kind switch
    {
        0 or 1 => new TransportSettlement { Delivery = delivery, Action = SettlementAction.Complete },
        2 => TestSubscriber.Release(delivery, TimeSpan.FromSeconds(60)),
        _ => TestSubscriber.Release(delivery, reason: SettlementReason.NeverSent, attempts: delivery.RetryCount),
    };
}
