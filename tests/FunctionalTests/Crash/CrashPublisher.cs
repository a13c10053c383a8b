namespace EventBroker.FunctionalTests.Crash;

// Publishes one message or some at a time, and after a cut the same ones again until they are answered.
internal abstract class CrashPublisher(string name, CrashRun run)
{
    // Not far ahead of the slowest consumer.
    private const int Ahead = 200;

    private readonly List<string> _unanswered = [];
    private int _published;

    protected CrashRun Run => run;

    public async Task RunAsync()
    {
        var life = 0;
        while (await run.Lives.AfterAsync(life) is { } next)
        {
            life = next;
            try
            {
                await PublishAsync(life);
                return;
            }
            catch (Exception) when (run.Lives.IsOver(life))
            {
                // It was killed, and everybody who talks to it finds out in a way of his own.
            }
        }
    }

    // Opens what is needed and publishes until NextAsync returns none.
    protected abstract Task PublishAsync(int life);

    // What is to be published now: what was not answered first.
    protected async Task<IReadOnlyList<string>> NextAsync(int count, int life)
    {
        if (_unanswered.Count == 0)
        {
            await run.Ledger.RoomAsync(name, _published, Ahead);
            if (run.Ledger.IsClosing)
            {
                return [];
            }

            for (var i = 0; i < count; i++)
            {
                _unanswered.Add($"{name}-{++_published:D6}");
            }
        }

        _unanswered.ForEach(id => run.Ledger.Sending(id, life));
        return [.. _unanswered];
    }

    protected void Sent() => run.Lives.Pass(KillPoint.PublishSent);

    // Answers come in the order of the messages.
    protected void Answered(string id, bool isDuplicate)
    {
        if (!_unanswered.Remove(id))
        {
            throw new InvalidOperationException($"{id} was answered, and not waited for");
        }

        run.Ledger.Answered(id, isDuplicate);
        run.Lives.Pass(KillPoint.PublishAnswered);
    }
}
