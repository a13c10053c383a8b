using System.Text;
using EventBroker.Broker.Publishing;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Interception;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Memory;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventBroker.Broker.Tests;

// Publish interceptors and batches.
public class BatchInterceptionTests
{
    [Theory]
    [InlineData(true, new[] { "publish batch" })]
    [InlineData(false, new[] { "publish batch", "publish batch", "publish batch" })]
    public async Task A_batch_stays_a_batch_for_an_interceptor_that_takes_it_as_one(bool whole, string[] calls)
    {
        using var meter = new System.Diagnostics.Metrics.Meter("test");
        await using var bound = new CallerBoundTransport(
            new MemoryTransport("local", new MemorySettings(), TimeProvider.System, meter, NullLogger.Instance));
        await using var fixture = new BrokerFixture(interceptors: [whole ? new Whole() : new Single(static _ => { })], transport: bound);
        await fixture.RegisterAsync();
        bound.Calls.Clear();
        PublishItem[] items = [Item("a"), Item("b"), Item("c")];

        await fixture.Broker.PublishAsync(fixture.Caller, items, CancellationToken.None);

        Assert.All(items, static i => Assert.Null(i.Failure));
        Assert.Equal(calls.Select(static c => "- " + c), bound.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_exception_decides_the_message_that_it_befalls_and_no_other(bool foreseen)
    {
        await using var fixture = new BrokerFixture(interceptors:
        [
            new Single(context =>
            {
                if (context.Message.GetId() == "b")
                {
                    throw foreseen ? new BrokerException(BrokerErrorCode.InvalidArgument, "no") : new InvalidOperationException("secret");
                }
            }),
        ]);
        await fixture.RegisterAsync();
        PublishItem[] items = [Item("a"), Item("b"), Item("c")];

        await fixture.Broker.PublishAsync(fixture.Caller, items, CancellationToken.None);

        Assert.Equal(
            [null, foreseen ? BrokerErrorCode.InvalidArgument : BrokerErrorCode.Internal, null], items.Select(static i => i.Failure?.Code));
        Assert.DoesNotContain("secret", items[1].Failure!.Message, StringComparison.Ordinal);
        Assert.Equal(["a", "", "c"], items.Select(static i => Encoding.UTF8.GetString(i.Id.Span)));
    }

    [Fact]
    public async Task What_the_transport_has_taken_keeps_its_result_when_an_interceptor_fails_afterwards()
    {
        await using var fixture = new BrokerFixture(interceptors: [new Whole { After = static () => throw new InvalidOperationException("late") }]);
        await fixture.RegisterAsync();
        PublishItem[] items = [Item("a"), Item("b")];

        await fixture.Broker.PublishAsync(fixture.Caller, items, CancellationToken.None);

        Assert.All(items, static i => Assert.Null(i.Failure));
    }

    [Fact]
    public async Task A_message_that_an_interceptor_refuses_by_its_item_is_not_published()
    {
        await using var fixture = new BrokerFixture(interceptors:
        [
            new Whole { Before = static context => context.Items[0].Failure = new BrokerException(BrokerErrorCode.ResourceExhausted, "later") },
        ]);
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync();
        PublishItem[] items = [Item("a"), Item("b")];

        await fixture.Broker.PublishAsync(fixture.Caller, items, CancellationToken.None);

        Assert.Equal(BrokerErrorCode.ResourceExhausted, items[0].Failure?.Code);
        Assert.Equal("b", Assert.Single(await BrokerFixture.TakeAsync(subscription)).Message.GetId());
    }

    [Fact]
    public async Task A_message_of_a_batch_that_an_interceptor_makes_too_large_is_refused_and_no_other()
    {
        await using var fixture = new BrokerFixture(
            interceptors: [new Whole { Before = static context => context.Items[0].Context.Message = new EncodedMessage(new byte[1025]) }],
            options: new BrokerOptions { MaxMessageBytes = 1024 });
        await fixture.RegisterAsync();
        PublishItem[] items = [Item("a"), Item("b")];

        await fixture.Broker.PublishAsync(fixture.Caller, items, CancellationToken.None);

        Assert.Equal([BrokerErrorCode.ResourceExhausted, null], items.Select(static i => i.Failure?.Code));
    }

    private static PublishItem Item(string id)
    {
        var message = new MessageEncoder();
        message.WriteId(Encoding.UTF8.GetBytes(id));
        return new PublishItem { EventName = "e", Message = message };
    }

    private sealed class Single(Action<PublishContext> check) : IInterceptor
    {
        public InterceptionStages Stages => InterceptionStages.Publish;

        public ValueTask PublishAsync(PublishContext context, PublishNext next)
        {
            check(context);
            return next(context);
        }
    }

    private sealed class Whole : IInterceptor
    {
        public InterceptionStages Stages => InterceptionStages.Publish;

        public Action<PublishBatchContext>? Before { get; init; }

        public Action? After { get; init; }

        public async ValueTask PublishBatchAsync(PublishBatchContext context, PublishBatchNext next)
        {
            Before?.Invoke(context);
            await next(context);
            After?.Invoke();
        }
    }
}
