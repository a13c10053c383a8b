using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Conformance.Transports;

/// <summary>What a plugin's author gives to <see cref="TransportConformanceTests{TFixture}"/>: how to make a transport
/// over a backend of the tests' own, how to make time pass, and what can be done to the backend. Disposed after its test, if it can be.</summary>
/// <remarks>Only <see cref="CreateAsync"/> must be given. What a fixture can't do it leaves at its default: the tests that need it are
/// reported as skipped, with that reason.</remarks>
public abstract class TransportFixture
{
    /// <summary>Gets how long a test waits for something that must happen before it fails. Default 30 s: a guard against
    /// hanging, not a measure.</summary>
    public virtual TimeSpan Patience => TimeSpan.FromSeconds(30);

    /// <summary>Gets the clock that the transport was given. Default that of the system.</summary>
    public virtual TimeProvider Clock => TimeProvider.System;

    /// <summary>Gets how much time <see cref="PassTimeAsync"/> can make pass. Default 5 s, since the default really waits; a fixture with a
    /// fake clock says <see cref="TimeSpan.MaxValue"/>.</summary>
    public virtual TimeSpan LongestPassableTime => TimeSpan.FromSeconds(5);

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

    /// <summary>Ends a transport, as hard as its process could be, and makes it anew over what the process leaves behind. For one
    /// that is not durable that is nothing.</summary>
    /// <param name="transport">The only transport over its backend.</param>
    /// <returns>The new transport, which the test disposes; null (the default) if it can't be done, and then the old one is as it was.</returns>
    public virtual ValueTask<ITransport?> RestartAsync(ITransport transport) => ValueTask.FromResult<ITransport?>(null);

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
}
