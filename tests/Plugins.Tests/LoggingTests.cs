using EventBroker.Interceptor.Logging;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Interception;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Plugins;
using Microsoft.Extensions.Logging;

namespace Plugins.Tests;

public sealed class LoggingTests
{
    private static readonly EncodedMessage Message = MessageEncoder.Encode("id1", "me", "s3cret payload"u8, [new("key", "s3cret value")], default);

    [Fact]
    public async Task One_debug_line_is_written_for_each_message_without_its_payload()
    {
        var log = new ListLogger(LogLevel.Debug);
        var interceptor = await CreateAsync(log, new LoggingSettings());

        await interceptor.PublishAsync(Publish(), static _ => default);
        await interceptor.DeliverAsync(Deliver(), static _ => default);
        await interceptor.SettleAsync(Settle(), static _ => default);

        Assert.Equal(
            [
                $"Debug Published orders id1, {Message.Length} bytes, by rest, in 0 ms",
                $"Debug Delivered orders id1, {Message.Length} bytes, to rest, retry 2, in 0 ms",
                $"Debug Settled orders id1, {Message.Length} bytes, by rest: Nack, in 0 ms",
            ],
            log.Lines);
    }

    [Fact]
    public async Task A_refused_message_is_logged_with_its_reason_and_stays_refused()
    {
        var log = new ListLogger(LogLevel.Debug);
        var interceptor = await CreateAsync(log, new LoggingSettings());

        await Assert.ThrowsAsync<BrokerException>(async () =>
            await interceptor.PublishAsync(Publish(), static _ => throw BrokerErrors.EventNotRegistered()));

        await Assert.ThrowsAsync<BrokerException>(async () =>
            await interceptor.DeliverAsync(Deliver(), static _ => throw BrokerErrors.EventNotRegistered()));
        await Assert.ThrowsAsync<BrokerException>(async () =>
            await interceptor.SettleAsync(Settle(), static _ => throw BrokerErrors.EventNotRegistered()));

        Assert.Equal(
            [
                $"Debug Not published orders id1, {Message.Length} bytes, by rest, after 0 ms: event not registered",
                $"Debug Not delivered orders id1, {Message.Length} bytes, to rest, retry 2, after 0 ms: event not registered",
                $"Debug Not settled orders id1, {Message.Length} bytes, by rest: Nack, after 0 ms: event not registered",
            ],
            log.Lines);
    }

    [Fact]
    public async Task A_batch_stays_a_batch_and_has_a_line_for_each_message()
    {
        var log = new ListLogger(LogLevel.Debug);
        var interceptor = await CreateAsync(log, new LoggingSettings());
        var batch = Batch("a", "b", "c");
        batch.Items[0].Failure = BrokerErrors.EventNotRegistered();
        var calls = new List<PublishBatchContext>();

        await interceptor.PublishBatchAsync(batch, context =>
        {
            calls.Add(context);
            context.Items[2].Failure = new BrokerException(BrokerErrorCode.ResourceExhausted, "full");
            return default;
        });

        // The first one was refused before it came here.
        Assert.Equal([batch], calls);
        Assert.Equal(
            [
                $"Debug Published orders b, {batch.Items[1].Context.Message.Length} bytes, by rest, in 0 ms",
                $"Debug Not published orders c, {batch.Items[2].Context.Message.Length} bytes, by rest, after 0 ms: full",
            ],
            log.Lines);
    }

    [Fact]
    public async Task A_batch_that_fails_as_a_whole_is_logged_message_by_message_and_still_fails()
    {
        var log = new ListLogger(LogLevel.Debug);
        var interceptor = await CreateAsync(log, new LoggingSettings());

        await Assert.ThrowsAsync<BrokerException>(async () =>
            await interceptor.PublishBatchAsync(Batch("a", "b"), static _ => throw BrokerErrors.EventNotRegistered()));

        Assert.Equal(2, log.Lines.Count);
        Assert.All(log.Lines, static line => Assert.EndsWith("after 0 ms: event not registered", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_the_level_is_not_shown_messages_pass_by_as_they_are()
    {
        var interceptor = await CreateAsync(new ListLogger(LogLevel.Information), new LoggingSettings());
        var pending = new TaskCompletionSource();
        var way = new ValueTask(pending.Task);

#pragma warning disable CA2012 // The point is that it is the same one.
        Assert.Equal(way, interceptor.PublishAsync(Publish(), _ => way));
        Assert.Equal(way, interceptor.PublishBatchAsync(Batch("a"), _ => way));
#pragma warning restore CA2012
        pending.SetResult();
        await way;
    }

    [Theory]
    [InlineData(true, true, true, InterceptionStages.Publish | InterceptionStages.Deliver | InterceptionStages.Settle)]
    [InlineData(true, false, false, InterceptionStages.Publish)]
    [InlineData(false, false, true, InterceptionStages.Settle)]
    public async Task Stages_that_are_not_logged_cost_nothing(bool publish, bool deliver, bool settle, InterceptionStages stages)
    {
        var interceptor = await CreateAsync(
            new ListLogger(LogLevel.Debug), new LoggingSettings { Publish = publish, Deliver = deliver, Settle = settle });

        Assert.Equal(stages, interceptor.Stages);
    }

    [Fact]
    public void No_level_above_debug_can_be_configured() =>
        Assert.Equal(["Debug", "Trace"], Enum.GetNames<MessageLogLevel>());

    private static ValueTask<IInterceptor> CreateAsync(ILogger logger, LoggingSettings settings) =>
        ((IInterceptorPlugin)new LoggingPlugin()).CreateAsync(settings, PluginStarter.Context(logger), default);

    private static PublishContext Publish() => new() { Caller = new FakeCaller(), EventName = "orders", Transport = "local", Message = Message };

    private static PublishBatchContext Batch(params string[] ids) => new()
    {
        Caller = new FakeCaller(),
        EventName = "orders",
        Transport = "local",
        Items =
        [
            .. ids.Select(static id => new PublishBatchItem
            {
                Context = new PublishContext
                {
                    Caller = new FakeCaller(),
                    EventName = "orders",
                    Transport = "local",
                    Message = MessageEncoder.Encode(id, "me", "s3cret payload"u8, null, default),
                },
            }),
        ],
    };

    private static DeliverContext Deliver() =>
        new() { Caller = new FakeCaller(), EventName = "orders", WorkerGroup = "", Message = Message, RetryCount = 2 };

    private static SettleContext Settle() => new()
    {
        Caller = new FakeCaller(),
        EventName = "orders",
        Message = Message,
        RetryCount = 0,
        Settlement = Settlement.Nack,
        Error = "s3cret error",
    };

    private sealed class ListLogger(LogLevel shown) : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= shown;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add($"{logLevel} {formatter(state, exception)}");
    }
}
