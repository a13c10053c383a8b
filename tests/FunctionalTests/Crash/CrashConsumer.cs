using EventBroker.FunctionalTests.Streams;

namespace EventBroker.FunctionalTests.Crash;

// Reads and settles at random, and after a cut goes on from where the broker says. At the end it acknowledges everything.
internal sealed class CrashConsumer(CrashRun run, Route route, PlaceLedger place, StreamProtocol protocol, StreamOptions options, int seed)
    : CrashClient(run, route)
{
    private readonly Random _random = new(seed);

    protected override async Task StayAsync(Stay stay)
    {
        await using var broker = new ServedBroker(stay.Host.Broker);
        await using var stream = await AskAsync(StreamClient.OpenAsync(broker, protocol, options, CrashRun.Event));
        Run.Pass(stay, KillPoint.StreamOpened);
        for (var isOpen = false; ; isOpen = true)
        {
            // Over gRPC it is the first read that says that it could not be opened. Once it is open, it stays so over the backend's end.
            var received = await (isOpen ? stream.ReadAsync() : AskAsync(stream.ReadAsync()));
            var wasSettled = place.Take(received.Id, received.RetryCount, stay);
            Run.Pass(stay, KillPoint.Received);
            if (wasSettled)
            {
                await AskAgainAsync(stay, stream, received);
                continue;
            }

            await HandleAsync(stay, stream, received, Run.Ledger.IsClosing ? int.MaxValue : _random.Next(20));
        }
    }

    private async Task HandleAsync(Stay stay, StreamClient stream, Received received, int choice)
    {
        switch (choice)
        {
            case 0:
                // Held until the life ends.
                return;
            case 1 or 2 or 3:
                await GiveBackAsync(stay, stream, received, TimeSpan.FromMilliseconds(_random.Next(50)));
                return;
            case 4 or 5:
                await AskAsync(stay, () => stream.SettleAsync(received.AckId, extend: TimeSpan.FromHours(1)), received);
                break;
        }

        place.Settling(received.Id);
        switch (await AskAsync(stay, () => stream.SettleAsync(received.AckId), received))
        {
            case Answer.Settled:
                place.Settled(received.Id, stay);
                Run.Pass(stay, KillPoint.SettlementAnswered);
                break;
            case Answer.Lost:
                place.NotSettled(received.Id);
                break;
            default:
                break;
        }
    }

    // Whether its host holds it for this client still.
    private async Task AskAgainAsync(Stay stay, StreamClient stream, Received received)
    {
        if (await AskAsync(stay, () => stream.SettleAsync(received.AckId), received) == Answer.Settled)
        {
            place.SettledAgain(received.Id);
        }
        else
        {
            place.CameLate();
        }
    }

    private async Task GiveBackAsync(Stay stay, StreamClient stream, Received received, TimeSpan delay)
    {
        if (await AskAsync(stay, () => stream.SettleAsync(received.AckId, "not now", delay), received) == Answer.Settled)
        {
            place.GivenBack(received.Id);
            Run.Pass(stay, KillPoint.SettlementAnswered);
        }
    }

    private async Task<Answer> AskAsync(Stay stay, Func<Task<string>> call, Received received)
    {
        for (var isInDoubt = false; ; isInDoubt = true)
        {
            var answer = call();
            Run.Pass(stay, KillPoint.SettlementSent);
            var result = await answer;
            if (result == "settled")
            {
                return Answer.Settled;
            }

            if (Run.HasBackend && result == "expired")
            {
                // Taken away, since it could not be renewed in time; or it was settled, and that answer got lost.
                return isInDoubt ? Answer.Unknown : Answer.Lost;
            }

            if (!Run.HasBackend || result != "failed")
            {
                // The client library may have asked the next life, which knows nothing of it.
                Assert.True(stay.IsOver, $"the settlement of {received.Id} was answered with {result}");
                return Answer.Unknown;
            }

            await PauseAsync();
        }
    }

    private enum Answer
    {
        Settled,

        // It is somebody else's, and was not settled here.
        Lost,

        Unknown,
    }
}
