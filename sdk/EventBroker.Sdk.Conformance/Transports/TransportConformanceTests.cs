using System.Text;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

/// <summary>What every transport must do. A plugin's test project derives one empty class from it and gives it a fixture; a
/// test of a capability that the transport does not declare is skipped with that reason, and another proves the refusal.</summary>
/// <typeparam name="TFixture">Makes the transport.</typeparam>
public abstract partial class TransportConformanceTests<TFixture> : IAsyncLifetime
    where TFixture : TransportFixture, new()
{
    private readonly List<TestSubscriber> _subscribers = [];

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
        foreach (var subscriber in _subscribers)
        {
            await subscriber.DisposeAsync();
        }

        await Transport.DisposeAsync();
        switch (Fixture)
        {
            case IAsyncDisposable fixture:
                await fixture.DisposeAsync();
                break;
            case IDisposable fixture:
                fixture.Dispose();
                break;
            default:
                break;
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Makes a message with a text as payload.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The message.</returns>
    protected EncodedMessage Message(string text) => MessageEncoder.Encode(
        "id-" + text, "conformance", Encoding.UTF8.GetBytes(text), null, MessageTimestamp.From(Fixture.Clock.GetUtcNow()));

    /// <summary>Publishes texts to <see cref="Event"/>, one by one.</summary>
    /// <param name="texts">The texts.</param>
    /// <returns>A task that ends when all are published.</returns>
    protected async Task PublishAsync(params IEnumerable<string> texts)
    {
        foreach (var text in texts)
        {
            await Transport.PublishAsync(Event, new TransportMessage(Message(text)), CancellationToken.None);
        }
    }

    /// <summary>Publishes while nobody is subscribed, which a transport that keeps nothing may refuse.</summary>
    /// <param name="texts">The payloads.</param>
    /// <returns>A task.</returns>
    protected async Task PublishToNobodyAsync(params IEnumerable<string> texts)
    {
        try
        {
            await PublishAsync(texts);
        }
        catch (BrokerException refusal) when (refusal.Code == BrokerErrorCode.FailedPrecondition)
        {
            Assert.False(Transport.Capabilities.Has(TransportCapability.ReplayFromBeginning));
        }
    }

    /// <summary>Subscribes to <see cref="Event"/>.</summary>
    /// <param name="options">How; null for plain broadcast.</param>
    /// <returns>The subscriber, disposed with the test.</returns>
    protected async Task<TestSubscriber> SubscribeAsync(SubscribeOptions? options = null)
    {
        var probe = new SubscriberProbe();
        var subscription = await Transport.SubscribeAsync(Event, options ?? new SubscribeOptions(), probe, CancellationToken.None);
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

    /// <summary>Skips the test unless the transport declares what it needs. That what is not declared is refused has tests of its own.</summary>
    /// <param name="capabilities">What the test needs.</param>
    protected void Needs(params IEnumerable<TransportCapability> capabilities)
    {
        var missing = capabilities.Where(c => !Transport.Capabilities.Has(c)).ToList();
        Assert.SkipUnless(missing.Count == 0, "not declared: " + string.Join(", ", missing));
    }

    /// <summary>Proves that a call fails with a code.</summary>
    /// <param name="code">The code.</param>
    /// <param name="call">The call.</param>
    /// <returns>The failure.</returns>
    protected static async Task<BrokerException> FailsAsync(BrokerErrorCode code, Func<Task> call)
    {
        var failure = await Assert.ThrowsAsync<BrokerException>(call);
        Assert.Equal(code, failure.Code);
        Assert.NotEmpty(failure.Message);
        return failure;
    }

    private static SubscribeOptions Workers(string group = "") => new() { Mode = DeliveryMode.WorkerPool, WorkerGroup = group };

    private static IEnumerable<string> Numbers(int from, int count) =>
        Enumerable.Range(from, count).Select(static n => n.ToString(System.Globalization.CultureInfo.InvariantCulture));
}
