using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Tests;

/// <summary>Notes in whose name it was called, and leaves the work to another transport.</summary>
internal sealed class CallerBoundTransport(ITransport inner) : ICallerTransport
{
    /// <summary>Gets the calls, each as the caller's token (a hyphen for nobody) and the member.</summary>
    public List<string> Calls { get; } = [];

    public TransportCapabilities Capabilities => Inner.Capabilities;

    private ITransport Inner { get; } = inner;

    public ITransport For(Caller caller) => new View(this, caller.GetHeader("token") ?? "-");

    public ValueTask RegisterAsync(string eventName, EventOptions options, CancellationToken cancellationToken) =>
        new View(this, "-").RegisterAsync(eventName, options, cancellationToken);

    public ValueTask UnregisterAsync(string eventName, CancellationToken cancellationToken) =>
        new View(this, "-").UnregisterAsync(eventName, cancellationToken);

    public ValueTask<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellationToken) =>
        new View(this, "-").ListAsync(cancellationToken);

    public ValueTask<PublishReceipt> PublishAsync(string eventName, TransportMessage message, CancellationToken cancellationToken) =>
        new View(this, "-").PublishAsync(eventName, message, cancellationToken);

    public ValueTask PublishAsync(string eventName, PublishBatch batch, CancellationToken cancellationToken) =>
        new View(this, "-").PublishAsync(eventName, batch, cancellationToken);

    public ValueTask<ITransportSubscription> SubscribeAsync(
        string eventName, SubscribeOptions options, ISubscriber subscriber, CancellationToken cancellationToken) =>
        new View(this, "-").SubscribeAsync(eventName, options, subscriber, cancellationToken);

    public ValueTask<TransportHealth> CheckHealthAsync(CancellationToken cancellationToken) =>
        new View(this, "-").CheckHealthAsync(cancellationToken);

    public ValueTask DisposeAsync() => Inner.DisposeAsync();

    private sealed class View(CallerBoundTransport owner, string token) : ITransport
    {
        public TransportCapabilities Capabilities => owner.Capabilities;

        private ITransport Inner(string member)
        {
            owner.Calls.Add($"{token} {member}");
            return owner.Inner;
        }

        public ValueTask RegisterAsync(string eventName, EventOptions options, CancellationToken cancellationToken) =>
            Inner("register").RegisterAsync(eventName, options, cancellationToken);

        public ValueTask UnregisterAsync(string eventName, CancellationToken cancellationToken) =>
            Inner("unregister").UnregisterAsync(eventName, cancellationToken);

        public ValueTask<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellationToken) =>
            Inner("list").ListAsync(cancellationToken);

        public ValueTask<PublishReceipt> PublishAsync(string eventName, TransportMessage message, CancellationToken cancellationToken) =>
            Inner("publish").PublishAsync(eventName, message, cancellationToken);

        public ValueTask PublishAsync(string eventName, PublishBatch batch, CancellationToken cancellationToken) =>
            Inner("publish batch").PublishAsync(eventName, batch, cancellationToken);

        public ValueTask<ITransportSubscription> SubscribeAsync(
            string eventName, SubscribeOptions options, ISubscriber subscriber, CancellationToken cancellationToken) =>
            Inner("subscribe").SubscribeAsync(eventName, options, subscriber, cancellationToken);

        public ValueTask<TransportHealth> CheckHealthAsync(CancellationToken cancellationToken) =>
            Inner("health").CheckHealthAsync(cancellationToken);

        public ValueTask DisposeAsync() => throw new InvalidOperationException("a view is not the broker's to dispose");
    }
}
