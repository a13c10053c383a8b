namespace EventBroker.FunctionalTests.Crash;

// What keeps the messages of all hosts, where that is a process of its own: it is killed as well, and comes back with what it has written.
internal interface ICrashBackend
{
    // How often.
    int Kills { get; }

    // The event is there, and nothing was killed yet.
    Task BeginAsync() => Task.CompletedTask;

    // Whether a message may come again with a lower count than before.
    bool ForgetsCounts => false;

    // Returns before it is dead.
    void Kill();

    Task EndedAsync();

    Task StartAgainAsync();

    // Looks at the end whether it has kept more than it should.
    Task CheckAsync();
}
