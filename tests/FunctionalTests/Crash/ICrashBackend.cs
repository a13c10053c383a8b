using System.Collections.Frozen;

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

    // Whether it may hand out what was settled once more, as if for the first time, to a life of a host that did not have it.
    bool RepeatsSettled => false;

    // Whether it takes messages from a host that lives and has sent them on their way.
    bool TakesBack => false;

    // Whether a message that is sent again is there twice. Then publishers leave what was not answered.
    bool KeepsRepeats => false;

    // What is there more than once, although it was sent once, since the backend does not drop what its client sends again by itself.
    Task<IReadOnlySet<string>> FindRepeatsAsync() => Task.FromResult<IReadOnlySet<string>>(FrozenSet<string>.Empty);

    // How large messages of batches are: so large that it takes a while until they are written.
    int BatchPayload => 16 * 1024;

    // Whether a place gets messages in their order.
    bool KeepsOrder => true;

    // Whether it can't say what it holds. Then only what was seen at the places is compared.
    bool TellsNothing => false;

    // Returns before it is dead.
    void Kill();

    Task EndedAsync();

    Task StartAgainAsync();

    // Looks at the end whether it has kept more than it should.
    Task CheckAsync();
}
