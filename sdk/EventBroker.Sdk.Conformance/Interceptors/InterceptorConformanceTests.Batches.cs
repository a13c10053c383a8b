using EventBroker.Sdk.Conformance.Callers;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Interception;
using EventBroker.Sdk.Messages;
using Xunit;

namespace EventBroker.Sdk.Conformance.Interceptors;

public abstract partial class InterceptorConformanceTests<TFixture>
{
    [Fact]
    public async Task The_messages_of_a_batch_go_on_once_each_in_their_order()
    {
        var batch = Batch([.. Enumerable.Range(0, 10).Select(i => Fixture.Passing($"id-{i}"))]);
        var passed = new List<string>();
        await Interceptor.PublishBatchAsync(batch, context =>
        {
            passed.AddRange(context.Items.Select(static i => i.Context.Message.GetId()));
            return default;
        });
        Assert.Equal(Enumerable.Range(0, 10).Select(static i => $"id-{i}"), passed);
        Assert.All(batch.Items, static i => Assert.Null(i.Failure));
    }

    [Fact]
    public async Task A_message_of_a_batch_that_fails_behind_it_fails_alone()
    {
        var batch = Batch(Fixture.Passing("a"), Fixture.Passing("b"), Fixture.Passing("c"));
        var failure = new BrokerException(BrokerErrorCode.ResourceExhausted, "full");
        await Interceptor.PublishBatchAsync(batch, context =>
        {
            foreach (var item in context.Items.Where(static i => i.Context.Message.GetId() == "b"))
            {
                item.Failure = failure;
            }

            return default;
        });
        Assert.Equal([null, failure, null], batch.Items.Select(static i => i.Failure));
    }

    [Fact]
    public async Task A_message_of_a_batch_that_it_refuses_fails_alone()
    {
        var batch = Batch(Fixture.Passing("a"), Refused(), Fixture.Passing("c"));
        var passed = new List<string>();
        await Interceptor.PublishBatchAsync(batch, context =>
        {
            passed.AddRange(context.Items.Where(static i => i.Failure is null).Select(static i => i.Context.Message.GetId()));
            return default;
        });
        Assert.Equal(["a", "c"], passed);
        Assert.Equal([true, false, true], batch.Items.Select(static i => i.Failure is null));
    }

    private PublishBatchContext Batch(params IEnumerable<EncodedMessage> messages) => new()
    {
        Caller = new TestCaller(),
        EventName = Fixture.EventName,
        Transport = "local",
        Items = [.. messages.Select(m => new PublishBatchItem { Context = Publishing(m) })],
    };
}
