using EventBroker.Sdk.Conformance.Callers;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Interception;
using EventBroker.Sdk.Messages;
using Xunit;

namespace EventBroker.Sdk.Conformance.Interceptors;

/// <summary>What every interceptor must do. A plugin's test project derives one empty class from it and gives it a fixture.</summary>
/// <typeparam name="TFixture">Makes the interceptor, and messages for it.</typeparam>
public abstract partial class InterceptorConformanceTests<TFixture> : IAsyncLifetime
    where TFixture : InterceptorFixture, new()
{
    /// <summary>Gets the fixture of this test.</summary>
    protected TFixture Fixture { get; } = new();

    /// <summary>Gets the interceptor under test.</summary>
    protected IInterceptor Interceptor { get; private set; } = null!;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => Interceptor = await Fixture.CreateAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Disposal.EndAsync(Interceptor);
        await Disposal.EndAsync(Fixture);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void It_says_which_stages_it_takes_part_in_and_stays_with_it()
    {
        Assert.Equal(Interceptor.Stages, Interceptor.Stages);
        Assert.Equal(InterceptionStages.None, Interceptor.Stages & ~(InterceptionStages.Publish | InterceptionStages.Deliver | InterceptionStages.Settle));
    }

    [Theory]
    [InlineData(InterceptionStages.Publish)]
    [InlineData(InterceptionStages.Deliver)]
    [InlineData(InterceptionStages.Settle)]
    public async Task What_passes_goes_on_once_and_keeps_its_id(InterceptionStages stage)
    {
        for (var i = 0; i < 3; i++)
        {
            var passed = new List<EncodedMessage>();
            await PassAsync(stage, Fixture.Passing($"id-{i}"), message =>
            {
                passed.Add(message);
                return default;
            });
            Assert.Equal($"id-{i}", Assert.Single(passed).GetId());
        }
    }

    /// <summary>Of whatever kind: who called is told what has happened, and not something else.</summary>
    /// <param name="stage">Where.</param>
    /// <returns>A task.</returns>
    [Theory]
    [InlineData(InterceptionStages.Publish)]
    [InlineData(InterceptionStages.Deliver)]
    [InlineData(InterceptionStages.Settle)]
    public async Task What_fails_behind_it_comes_through_as_it_was(InterceptionStages stage)
    {
        foreach (var failure in new Exception[]
        {
            new BrokerException(BrokerErrorCode.ResourceExhausted, "full"), new OperationCanceledException(), new InvalidOperationException("broken"),
        })
        {
            Assert.Same(failure, await Record.ExceptionAsync(() => PassAsync(stage, Fixture.Passing("a"), _ => throw failure)));
            Assert.Same(
                failure, await Record.ExceptionAsync(() => PassAsync(stage, Fixture.Passing("a"), _ => ValueTask.FromException(failure))));
        }
    }

    [Theory]
    [InlineData(InterceptionStages.Publish)]
    [InlineData(InterceptionStages.Deliver)]
    [InlineData(InterceptionStages.Settle)]
    public async Task It_ends_when_what_is_behind_it_has_ended(InterceptionStages stage)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var passing = PassAsync(stage, Fixture.Passing("a"), _ =>
        {
            reached.SetResult();
            return new ValueTask(end.Task);
        });
        await reached.Task;
        Assert.False(passing.IsCompleted);
        end.SetResult();
        await passing;
    }

    [Theory]
    [InlineData(InterceptionStages.Publish)]
    [InlineData(InterceptionStages.Deliver)]
    [InlineData(InterceptionStages.Settle)]
    public async Task Many_at_once_are_kept_apart(InterceptionStages stage)
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                var id = $"{thread}-{i}";
                await PassAsync(stage, Fixture.Passing(id), async message =>
                {
                    await Task.Yield();
                    Assert.Equal(id, message.GetId());
                });
            }
        })));
    }

    [Fact]
    public async Task What_it_refuses_is_refused_by_name_and_goes_nowhere()
    {
        var refused = Refused();
        var failure = await Assert.ThrowsAsync<BrokerException>(
            () => PassAsync(InterceptionStages.Publish, refused, static _ => throw new InvalidOperationException("it went on")));
        Assert.NotEmpty(failure.Message);
    }

    [Fact]
    public async Task It_can_be_disposed_twice()
    {
        await Disposal.EndAsync(Interceptor);
        await Disposal.EndAsync(Interceptor);
    }

    private EncodedMessage Refused()
    {
        var refused = Interceptor.Stages.HasFlag(InterceptionStages.Publish) ? Fixture.Refused("refused") : null;
        Assert.SkipWhen(refused is null, "the fixture knows of nothing that is refused");
        return refused.Value;
    }

    private PublishContext Publishing(EncodedMessage message) =>
        new() { Caller = new TestCaller(), EventName = Fixture.EventName, Transport = "local", Message = message };

    // The stage in which it takes no part costs nothing, but passes as well.
    private Task PassAsync(InterceptionStages stage, EncodedMessage message, Func<EncodedMessage, ValueTask> next) => stage switch
    {
        InterceptionStages.Publish => Interceptor.PublishAsync(Publishing(message), c => next(c.Message)).AsTask(),
        InterceptionStages.Deliver => Interceptor.DeliverAsync(
            new DeliverContext
            {
                Caller = new TestCaller(),
                EventName = Fixture.EventName,
                WorkerGroup = "",
                Message = message,
                RetryCount = 0,
            },
            c => next(c.Message)).AsTask(),
        _ => Interceptor.SettleAsync(
            new SettleContext
            {
                Caller = new TestCaller(),
                EventName = Fixture.EventName,
                Message = message,
                RetryCount = 0,
                Settlement = Settlement.Ack,
                Error = "",
            },
            c => next(c.Message)).AsTask(),
    };
}
