using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Conformance.Transports;

/// <summary>What a plugin's author gives to <see cref="TransportConformanceTests{TFixture}"/>: how to make a transport
/// over a backend of the tests' own, how to make time pass, and what can be done to the backend. Disposed after its test, if it can be.</summary>
/// <remarks>Only <see cref="CreateAsync"/> must be given. What a fixture can't do it leaves at its default: the tests that need it are
/// reported as skipped, with that reason. A fixture and a transport of its are also made once to learn what the transport declares.</remarks>
public abstract class TransportFixture
{
    /// <summary>Gets the name under which the run reports what the transport can do. Default null: the last part of its assembly's name, in small
    /// letters. Suites of one transport with other settings need names of their own.</summary>
    public virtual string? ReportName => null;

    /// <summary>Gets why a run on this machine shows less than it would elsewhere, so that its report is not compared with the one that is kept. Default
    /// null: it shows everything.</summary>
    public virtual string? ShowsLessBecause => null;

    /// <summary>Gets how long a test waits for something that must happen before it fails. Default 30 s: a guard against
    /// hanging, not a measure.</summary>
    public virtual TimeSpan Patience => TimeSpan.FromSeconds(30);

    /// <summary>Gets the clock that the transport was given. Default that of the system.</summary>
    public virtual TimeProvider Clock => TimeProvider.System;

    /// <summary>Gets how much time <see cref="PassTimeAsync"/> can make pass. Default 5 s, since the default really waits; a fixture with a
    /// fake clock says <see cref="TimeSpan.MaxValue"/>.</summary>
    public virtual TimeSpan LongestPassableTime => TimeSpan.FromSeconds(5);

    /// <summary>Gets whether the transport keeps its messages in its own process and has no backend that could go away or that other hosts share.
    /// Default false.</summary>
    public virtual bool IsEmbedded => false;

    /// <summary>Gets how often a test repeats what goes wrong only when two things meet. Default 3000; less where every message takes milliseconds.</summary>
    public virtual int Rounds => 3_000;

    /// <summary>Gets how many messages go through the test of many messages. Default 100 000.</summary>
    public virtual int ManyMessages => 100_000;

    /// <summary>Gets whether the backend is another broker: it stamps messages with its own time and keeps their positions to itself, sends
    /// as much as may be unsettled whatever is demanded, does not learn of a release that a deadline was its reason, and what it has sent may
    /// be on its way when it is overtaken. Default false.</summary>
    public virtual bool StandsBeforeABroker => false;

    /// <summary>Gets whether the backend counts deliveries by itself, so that <see cref="TransportSettlement.Attempts"/> has no effect and what was
    /// fetched and never sent counts, too. Default: what <see cref="StandsBeforeABroker"/> says.</summary>
    public virtual bool CountsByItself => StandsBeforeABroker;

    /// <summary>Makes a transport. The test disposes it.</summary>
    /// <returns>The transport.</returns>
    public abstract ValueTask<ITransport> CreateAsync();

    /// <summary>Makes a second transport over the backend of the first, as another host would have it. The test disposes it.</summary>
    /// <returns>The transport; null (the default) if a backend serves only one.</returns>
    public virtual ValueTask<ITransport?> CreateSecondAsync() => ValueTask.FromResult<ITransport?>(null);

    /// <summary>Ends a transport and makes it anew over what its process leaves behind. For one that is not durable that is nothing.</summary>
    /// <param name="transport">The only transport over its backend.</param>
    /// <returns>The new transport, which the test disposes; null (the default) if it can't be done, and then the old one is as it was.</returns>
    public virtual ValueTask<ITransport?> RestartAsync(ITransport transport) => ValueTask.FromResult<ITransport?>(null);

    /// <summary>Ends a transport as when its process is killed (nothing is disposed, nobody says goodbye, what was on its way is gone), and makes
    /// it anew. That may be the end of a process of its own, a copy of the files as they are, or connections that are cut for good.</summary>
    /// <param name="transport">The only transport over its backend. The test disposes it later all the same.</param>
    /// <returns>The new transport, which the test disposes; null (the default) if it can't be done, and then the old one is as it was.</returns>
    public virtual ValueTask<ITransport?> KillAsync(ITransport transport) => ValueTask.FromResult<ITransport?>(null);

    /// <summary>Kills the backend, or starts it again over what it has left. A new fixture's backend is up as soon as its first transport is
    /// made, or when it is asked to be.</summary>
    /// <param name="isUp">Whether it runs.</param>
    /// <returns>Whether it could be done. Default false.</returns>
    public virtual ValueTask<bool> SetBackendUpAsync(bool isUp) => ValueTask.FromResult(false);

    /// <summary>Takes the room away in which a transport's backend stores messages, or gives it back. What is stored stays.</summary>
    /// <param name="transport">The transport.</param>
    /// <param name="isFull">Whether there is no room.</param>
    /// <returns>Whether it could be done. Default false.</returns>
    public virtual ValueTask<bool> SetStorageFullAsync(ITransport transport, bool isFull) => ValueTask.FromResult(false);

    /// <summary>Lets time pass. The default really waits; a fixture with a fake clock advances it.</summary>
    /// <param name="time">How much, at the most <see cref="LongestPassableTime"/>.</param>
    /// <returns>A task that ends afterwards.</returns>
    public virtual async ValueTask PassTimeAsync(TimeSpan time) => await Task.Delay(time, TimeProvider.System);

    /// <summary>Sets the wall clock that the transport was given forward or back, without time having passed (<see cref="SteppableClock"/>).</summary>
    /// <param name="step">How far; negative for back.</param>
    /// <returns>Whether it could be done. Default false.</returns>
    public virtual ValueTask<bool> StepClockAsync(TimeSpan step) => ValueTask.FromResult(false);

    /// <summary>Makes retention remove the oldest messages of an event, at least as many as asked for and not all of them.</summary>
    /// <param name="transport">The transport.</param>
    /// <param name="eventName">The event.</param>
    /// <param name="count">How many of the messages published so far.</param>
    /// <returns>Whether it could be done. Default false.</returns>
    public virtual ValueTask<bool> LoseOldestAsync(ITransport transport, string eventName, int count) => ValueTask.FromResult(false);

    /// <summary>Makes the backend take away whatever the subscriptions of a worker group or consumer id hold here, as when a partition is
    /// revoked or another host claims it. It then belongs to another member, or to whoever subscribes later.</summary>
    /// <param name="transport">The transport whose subscriptions lose it.</param>
    /// <param name="eventName">The event.</param>
    /// <param name="kind">Whose place.</param>
    /// <param name="name">The worker group or the consumer id.</param>
    /// <returns>Whether it could be done. Default false.</returns>
    public virtual ValueTask<bool> TakeLeasesAsync(ITransport transport, string eventName, PlaceKind kind, string name) =>
        ValueTask.FromResult(false);

    /// <summary>Cuts a transport off from its backend, or lets it reach it again.</summary>
    /// <param name="transport">The transport.</param>
    /// <param name="isReachable">Whether it can be reached.</param>
    /// <returns>Whether it could be done. Default false.</returns>
    public virtual ValueTask<bool> SetReachableAsync(ITransport transport, bool isReachable) => ValueTask.FromResult(false);

    /// <summary>Counts what the transport has written to the log so far, at the level of information and above.</summary>
    /// <returns>How many lines; null (the default) if nobody counts them.</returns>
    public virtual int? CountLogLines() => null;

    /// <summary>Names an event that no other test uses.</summary>
    /// <returns>The name. Default: a random one.</returns>
    public virtual string NewEventName() => "conformance." + Guid.NewGuid().ToString("n");

    /// <summary>Ends what all tests of the suite share, which such a fixture keeps in a static field: a server that takes long to start. Called once,
    /// after the last test, on a fixture of its own. Default nothing.</summary>
    /// <returns>A task.</returns>
    public virtual ValueTask EndSuiteAsync() => ValueTask.CompletedTask;

    /// <summary>Disposes the fixture, if it can be.</summary>
    internal ValueTask EndAsync() => Disposal.EndAsync(this);
}
