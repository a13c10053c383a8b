using System.Diagnostics.Metrics;
using System.Text;
using EventBroker.Broker.Access;
using EventBroker.Broker.Publishing;
using EventBroker.Broker.Subscribing;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Interception;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Memory;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventBroker.Broker.Tests;

// A transport that acts in the name of whoever calls.
public sealed class CallerTransportTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly InProcessCaller _ann = new(headers: [new("token", "ann")]);
    private readonly Meter _meter = new("test");

    public void Dispose() => _meter.Dispose();

    [Fact]
    public async Task Every_call_for_a_caller_is_made_with_its_credentials()
    {
        await using var bound = new CallerBoundTransport(Memory());
        await using var fixture = new BrokerFixture(transport: bound);

        await fixture.Broker.RegisterAsync(_ann, "e", EventOptions.None, None);
        await (await fixture.Broker.SubscribeAsync(_ann, new SubscribeRequest { EventName = "e" }, None)).DisposeAsync();
        await using var open = await fixture.Broker.SubscribeAsync(_ann, new SubscribeRequest { EventName = "e" }, None);
        await fixture.Broker.PublishAsync(_ann, "e", Message("a"), None);
        await fixture.Broker.PublishAsync(_ann, [new PublishItem { EventName = "e", Message = Message("b") }], None);
        await fixture.Broker.ListAsync(_ann, None);
        await fixture.Broker.UnregisterAsync(_ann, "e", None);

        Assert.Equal(
            ["ann list", "ann register", "ann subscribe", "ann subscribe", "ann publish", "ann publish batch", "ann list", "ann unregister"],
            bound.Calls);
    }

    [Fact]
    public async Task Two_callers_are_told_apart()
    {
        await using var bound = new CallerBoundTransport(Memory());
        await using var fixture = new BrokerFixture(transport: bound);
        await fixture.Broker.RegisterAsync(_ann, "e", EventOptions.None, None);
        await using var open = await fixture.SubscribeAsync();
        bound.Calls.Clear();

        await fixture.Broker.PublishAsync(_ann, "e", Message("a"), None);
        await fixture.Broker.PublishAsync(new InProcessCaller(headers: [new("token", "ben")]), "e", Message("b"), None);
        await fixture.Broker.PublishAsync(new InProcessCaller(), "e", Message("c"), None);

        Assert.Equal(["ann publish", "ben publish", "- publish"], bound.Calls);
    }

    [Fact]
    public async Task An_intercepted_publish_keeps_its_callers_credentials()
    {
        await using var bound = new CallerBoundTransport(Memory());
        await using var fixture = new BrokerFixture(transport: bound, interceptors: [new PassingInterceptor()]);
        await fixture.Broker.RegisterAsync(_ann, "e", EventOptions.None, None);
        await using var open = await fixture.SubscribeAsync();
        bound.Calls.Clear();

        await fixture.Broker.PublishAsync(_ann, "e", Message("a"), None);

        Assert.Equal(["ann publish"], bound.Calls);
    }

    [Fact]
    public async Task The_limit_of_events_is_counted_with_the_callers_credentials()
    {
        await using var bound = new CallerBoundTransport(Memory());
        await using var fixture = new BrokerFixture(transport: bound, options: new BrokerOptions { MaxEvents = 1 });
        await fixture.Broker.RegisterAsync(_ann, "e", EventOptions.None, None);

        var again = await Assert.ThrowsAsync<BrokerException>(() => fixture.Broker.RegisterAsync(_ann, "e", EventOptions.None, None).AsTask());

        Assert.Equal(BrokerErrorCode.AlreadyExists, again.Code);
        Assert.All(bound.Calls, static call => Assert.StartsWith("ann ", call, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_health_check_is_made_in_nobodys_name()
    {
        await using var bound = new CallerBoundTransport(Memory());
        await using var fixture = new BrokerFixture(transport: bound);

        await fixture.Broker.CheckHealthAsync(None);

        Assert.Equal(["- health"], bound.Calls);
    }

    private MemoryTransport Memory() => new("local", new MemorySettings(), TimeProvider.System, _meter, NullLogger.Instance);

    private static MessageEncoder Message(string id)
    {
        var message = new MessageEncoder();
        message.WriteId(Encoding.UTF8.GetBytes(id));
        return message;
    }

    private sealed class PassingInterceptor : IInterceptor
    {
        public InterceptionStages Stages => InterceptionStages.Publish;

        public ValueTask PublishAsync(PublishContext context, PublishNext next) => next(context);
    }
}
