using System.Diagnostics.Metrics;
using System.Text;
using EventBroker.Broker;
using EventBroker.Broker.Access;
using EventBroker.Broker.Routing;
using EventBroker.Broker.Subscribing;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Memory;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EventBroker.Endpoints.Tests;

// A broker over memory without any door, that allows everything, with one event "e".
internal sealed class EmbeddedBroker : IAuthorizer, IAsyncDisposable
{
    private readonly Meter _meter = new("EventBroker.Endpoints.Tests");
    private readonly InProcessCaller _caller = new();

    public EmbeddedBroker(FakeTimeProvider time) => Broker = new MessageBroker(
        new BrokerSetup
        {
            Transports = new Dictionary<string, ITransport> { ["memory"] = new MemoryTransport("memory", new MemorySettings(), time, _meter, NullLogger.Instance) },
            Routes = [new EventRoute { Events = "*", Transport = "memory", AutoRegister = true }],
            Authorizers = [this],
        },
        time,
        NullLoggerFactory.Instance);

    public MessageBroker Broker { get; }

    ValueTask<AuthorizationDecision> IAuthorizer.AuthenticateAsync(Caller caller, CancellationToken cancellationToken) => new(AuthorizationDecision.Allow);

    ValueTask<AuthorizationDecision> IAuthorizer.AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken) => new(AuthorizationDecision.Allow);

    public ValueTask<BrokerSubscription> SubscribeAsync() => Broker.SubscribeAsync(_caller, new SubscribeRequest { EventName = "e" }, default);

    public async Task PublishAsync(string id)
    {
        var message = new MessageEncoder();
        message.WriteId(Encoding.UTF8.GetBytes(id));
        message.WritePayload(new byte[1]);
        await Broker.PublishAsync(_caller, "e", message, default);
    }

    public async ValueTask DisposeAsync()
    {
        await Broker.DisposeAsync();
        _meter.Dispose();
    }
}
