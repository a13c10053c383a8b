using EventBroker.FunctionalTests.Streams;

namespace EventBroker.FunctionalTests.Crash;

// Reads and settles at random, and after a cut goes on from where the broker says. In the last life it acknowledges everything.
internal sealed class CrashConsumer(CrashRun run, PlaceLedger place, StreamProtocol protocol, StreamOptions options, int seed)
{
    private readonly Random _random = new(seed);

    public async Task RunAsync()
    {
        var life = 0;
        while (await run.Lives.AfterAsync(life) is { } next)
        {
            life = next;
            try
            {
                await ConsumeAsync(life);
            }
            catch (Exception) when (run.Lives.IsOver(life))
            {
                // It was killed, and everybody who talks to it finds out in a way of his own.
            }
        }
    }

    private async Task ConsumeAsync(int life)
    {
        await using var broker = new ServedBroker(run.Broker);
        await using var stream = await StreamClient.OpenAsync(broker, protocol, options, CrashRun.Event);
        run.Lives.Pass(KillPoint.StreamOpened);
        while (true)
        {
            var received = await stream.ReadAsync();
            place.Take(received.Id, received.RetryCount, life);
            run.Lives.Pass(KillPoint.Received);
            await HandleAsync(stream, received, life, run.Ledger.IsClosing ? int.MaxValue : _random.Next(20));
        }
    }

    private async Task HandleAsync(StreamClient stream, Received received, int life, int choice)
    {
        switch (choice)
        {
            case 0:
                // Held until the life ends.
                return;
            case 1 or 2 or 3:
                await GiveBackAsync(stream, received, life, TimeSpan.FromMilliseconds(_random.Next(50)));
                return;
            case 4 or 5:
                await AskAsync(stream.SettleAsync(received.AckId, extend: TimeSpan.FromHours(1)), received, life);
                break;
        }

        place.Settling(received.Id);
        if (await AskAsync(stream.SettleAsync(received.AckId), received, life))
        {
            place.Settled(received.Id);
            run.Lives.Pass(KillPoint.SettlementAnswered);
        }
    }

    private async Task GiveBackAsync(StreamClient stream, Received received, int life, TimeSpan delay)
    {
        if (await AskAsync(stream.SettleAsync(received.AckId, "not now", delay), received, life))
        {
            place.GivenBack(received.Id);
            run.Lives.Pass(KillPoint.SettlementAnswered);
        }
    }

    private async Task<bool> AskAsync(Task<string> call, Received received, int life)
    {
        run.Lives.Pass(KillPoint.SettlementSent);
        var result = await call;
        if (result == "settled")
        {
            return true;
        }

        // The client library may have asked the next life, which knows nothing of it.
        Assert.True(run.Lives.IsOver(life), $"the settlement of {received.Id} was answered with {result}");
        return false;
    }
}
