using EventBroker.Sdk.Conformance.Reporting;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

/// <summary>What every transport must do. A plugin's test project derives one empty class from it and gives it a fixture; what
/// is about capabilities that the transport does not declare is not there, and that they are refused has tests of its own. What the fixture
/// can't do is skipped with that reason.</summary>
/// <typeparam name="TFixture">Makes the transport.</typeparam>
[TestMethodOrderer(typeof(ReportLast))]
public abstract partial class TransportConformanceTests<TFixture> : IAsyncLifetime, IClassFixture<SuiteEnd<TFixture>>
    where TFixture : TransportFixture, new()
{
    private readonly List<TestSubscriber> _subscribers = [];
    private readonly List<ITransport> _others = [];

    /// <summary>Gets the fixture of this test.</summary>
    protected TFixture Fixture { get; } = new();

    /// <summary>Gets the transport under test.</summary>
    protected ITransport Transport { get; private set; } = null!;

    /// <summary>Gets an event that is registered for this test.</summary>
    protected string Event { get; private set; } = "";

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        Transport = await Fixture.CreateAsync();
        Event = Fixture.NewEventName();
        await Transport.RegisterAsync(Event, EventOptions.None, CancellationToken.None);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        SuiteRun.Of(GetType()).Note(TestContext.Current, _skipReason);
        foreach (var subscriber in _subscribers)
        {
            await subscriber.DisposeAsync();
        }

        foreach (var other in _others)
        {
            await other.DisposeAsync();
        }

        // The test of disposing lets go of it.
        await (Transport?.DisposeAsync() ?? ValueTask.CompletedTask);
        await Fixture.EndAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Makes the transport anew over what it leaves behind.</summary>
    /// <returns>A task.</returns>
    protected async Task RestartAsync()
    {
        var again = await Fixture.RestartAsync(Transport);
        SkipWhen(again is null, "the fixture can't restart the transport");
        Transport = again;
    }

    /// <summary>Makes a second transport over the same backend.</summary>
    /// <returns>The transport, disposed with the test.</returns>
    protected async Task<ITransport> CreateSecondAsync()
    {
        var second = await Fixture.CreateSecondAsync();
        SkipWhen(second is null, "the fixture can't put a second transport over the backend");
        _others.Add(second);
        return second;
    }

    /// <summary>Subscribes to <see cref="Event"/>.</summary>
    /// <param name="options">How; null for plain broadcast, or as a worker of the default group where broadcast is not declared.</param>
    /// <param name="over">Over which transport; null for that under test.</param>
    /// <returns>The subscriber, disposed with the test.</returns>
    protected async Task<TestSubscriber> SubscribeAsync(SubscribeOptions? options = null, ITransport? over = null)
    {
        var probe = new SubscriberProbe();
        var subscription = await (over ?? Transport).SubscribeAsync(
            Event, options ?? (Transport.Capabilities.Has(TransportCapability.Broadcast) ? new SubscribeOptions() : Workers()), probe, CancellationToken.None);
        var subscriber = new TestSubscriber(subscription, probe, Fixture.Patience);
        _subscribers.Add(subscriber);
        return subscriber;
    }

    /// <summary>Subscribes as a member of a worker group.</summary>
    /// <param name="group">The group.</param>
    /// <param name="start">Where a new group begins.</param>
    /// <returns>The subscriber.</returns>
    protected Task<TestSubscriber> JoinAsync(string group = "", StartPosition start = StartPosition.Unspecified) =>
        SubscribeAsync(new SubscribeOptions { Mode = DeliveryMode.WorkerPool, WorkerGroup = group, Start = start });

    /// <summary>Subscribes from a place that the transport remembers, as the member of a worker group or with a consumer id.</summary>
    /// <param name="kind">Which of both.</param>
    /// <param name="name">The worker group or the consumer id.</param>
    /// <param name="start">Where a new place begins.</param>
    /// <param name="over">Over which transport; null for that under test.</param>
    /// <returns>The subscriber.</returns>
    protected Task<TestSubscriber> OpenAsync(
        PlaceKind kind, string name = "p", StartPosition start = StartPosition.Unspecified, ITransport? over = null) =>
        SubscribeAsync(
            kind == PlaceKind.WorkerGroup
                ? new SubscribeOptions { Mode = DeliveryMode.WorkerPool, WorkerGroup = name, Start = start }
                : new SubscribeOptions { ConsumerId = name, Start = start },
            over);
}
