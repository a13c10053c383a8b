using Grpc.Core;

namespace EventBroker.FunctionalTests.Crash;

// Publishes one message or some at a time, and after a cut the same ones again until they are answered.
internal abstract class CrashPublisher(string name, CrashRun run, Route route) : CrashClient(run, route)
{
    // Not far ahead of the slowest consumer.
    private const int Ahead = 200;

    private readonly List<string> _unanswered = [];
    private int _published;
    private int _left;

    // What is to be published now: what was not answered first.
    protected async Task<IReadOnlyList<string>> NextAsync(int count)
    {
        if (Run.KeepsRepeats)
        {
            // They may be there, and may not.
            _left += _unanswered.Count;
            _unanswered.Clear();
        }

        if (_unanswered.Count == 0)
        {
            await Run.Ledger.RoomAsync(name, _published - _left, Ahead);
            if (Run.Ledger.IsClosing)
            {
                return [];
            }

            for (var i = 0; i < count; i++)
            {
                _unanswered.Add($"{name}-{++_published:D6}");
            }
        }

        _unanswered.ForEach(Run.Ledger.Sending);
        return [.. _unanswered];
    }

    protected void Sent(Stay stay) => Run.Pass(stay, KillPoint.PublishSent);

    protected void Answered(Stay stay, string id, bool isDuplicate)
    {
        if (!_unanswered.Remove(id))
        {
            throw new InvalidOperationException($"{id} was answered, and not waited for");
        }

        Run.Ledger.Answered(id, isDuplicate);
        Run.Pass(stay, KillPoint.PublishAnswered);
    }

    // A failed message of several stays unanswered; only a backend that is away makes one fail.
    protected static void CheckFailure(int code, string message)
    {
        Assert.True(code is (int)StatusCode.Unavailable or (int)StatusCode.DeadlineExceeded, $"a publish failed with {code}: {message}");
    }
}
