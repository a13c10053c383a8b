using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Conformance.Transports;

/// <summary>What a plugin's author gives to <see cref="TransportConformanceTests{TFixture}"/>: how to make a transport
/// over a backend of the tests' own, and how to make time pass. Disposed after its test, if it can be.</summary>
public abstract class TransportFixture
{
    /// <summary>Gets how long a test waits for something that must happen before it fails. Default 30 s: a guard against
    /// hanging, not a measure.</summary>
    public virtual TimeSpan Patience => TimeSpan.FromSeconds(30);

    /// <summary>Gets the clock that the transport was given.</summary>
    public virtual TimeProvider Clock => TimeProvider.System;

    /// <summary>Gets whether the backend is another broker: it stamps messages with its own time and keeps their positions to itself, and what
    /// it has sent may be on its way when it is overtaken. Default false.</summary>
    public virtual bool StandsBeforeABroker => false;

    /// <summary>Makes a transport. The test disposes it.</summary>
    /// <returns>The transport.</returns>
    public abstract ValueTask<ITransport> CreateAsync();

    /// <summary>Lets time pass. The default really waits; a fixture with a fake clock advances it.</summary>
    /// <param name="time">How much.</param>
    /// <returns>A task that ends afterwards.</returns>
    public virtual async ValueTask PassTimeAsync(TimeSpan time) => await Task.Delay(time, TimeProvider.System);

    /// <summary>Makes retention remove the oldest messages of an event, at least as many as asked for and not all of them.</summary>
    /// <param name="transport">The transport.</param>
    /// <param name="eventName">The event.</param>
    /// <param name="count">How many of the messages published so far.</param>
    /// <returns>Whether it can be done; if not, the tests of lost messages are skipped.</returns>
    public virtual ValueTask<bool> LoseOldestAsync(ITransport transport, string eventName, int count) => ValueTask.FromResult(false);

    /// <summary>Names an event that no other test uses.</summary>
    /// <returns>The name.</returns>
    public virtual string NewEventName() => "conformance." + Guid.NewGuid().ToString("n");
}
