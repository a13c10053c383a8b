using EventBroker.Client.Testing;
using EventBroker.Sdk.Authorization;

namespace EventBroker.Client.Bus.Tests;

// What the testing package offers to programs.
public class TestBrokerTests
{
    [Fact]
    public async Task It_keeps_what_was_published_and_waits_for_what_a_test_looks_for()
    {
        await using var broker = await TestBroker.StartAsync(new TestBrokerOptions { Events = ["e"] });
        var waiting = broker.WhenPublishedAsync(static p => p.Metadata.GetValueOrDefault("k") == "v");
        await broker.Transport.PublishAsync("e", new OutgoingMessage { Id = "m-1" });
        Assert.False(waiting.IsCompleted);
        await broker.Transport.PublishBatchAsync("e",
        [
            new OutgoingMessage { Id = "m-2", Source = "shop", Payload = new byte[] { 1, 2 }, Metadata = new Dictionary<string, string> { ["k"] = "v" } },
        ]);

        var published = await waiting;
        Assert.Equal(("e", "m-2", "shop", 2), (published.EventName, published.MessageId, published.Source, published.Payload.Length));
        Assert.Equal(["m-1", "m-2"], broker.Published.Select(static p => p.MessageId));
        await Assert.ThrowsAsync<FormatException>(async () =>
        {
            var broken = broker.WhenPublishedAsync(static p => p.MessageId == "m-3" ? throw new FormatException() : false);
            await broker.Transport.PublishAsync("e", new OutgoingMessage { Id = "m-3" });
            await broken;
        });
    }

    [Fact]
    public async Task A_cut_ends_what_is_open_and_after_it_is_restored_subscriptions_go_on()
    {
        await using var broker = await TestBroker.StartAsync(new TestBrokerOptions { Events = ["e"] });
        await using var transport = broker.CreateTransport(static options =>
        {
            options.Retry.MaxRetries = 0;
            options.Reconnect.FirstBackoff = options.Reconnect.LongestBackoff = TimeSpan.FromMilliseconds(1);
        });
        var faults = new TaskCompletionSource();
        await using var subscription = await transport.SubscribeAsync("e", new SubscribeOptions { OnFault = _ => faults.TrySetResult() });

        broker.Cut();
        await faults.Task;
        var failure = await Assert.ThrowsAsync<EventBrokerException>(() => transport.PublishAsync("e", new OutgoingMessage()));
        Assert.Equal((ErrorCode.Unavailable, true), (failure.Code, failure.IsTransient));
        broker.Restore();
        await transport.PublishAsync("e", new OutgoingMessage { Id = "m-1" });

        await foreach (var delivery in subscription)
        {
            Assert.Equal("m-1", delivery.Id);
            break;
        }
    }

    [Fact]
    public async Task It_refuses_whom_a_test_denies_and_has_the_limits_of_a_test()
    {
        await using var broker = await TestBroker.StartAsync(new TestBrokerOptions
        {
            Events = ["e"],
            MaxMessageBytes = 2000,
            MaxInFlight = 1,
            Authorize = static request => request is { Operation: BrokerOperation.Publish, EventName: "secret" }
                ? AuthorizationDecision.Deny("a test") : AuthorizationDecision.Allow,
        });

        Assert.Equal(ErrorCode.PermissionDenied, (await FailAsync("secret", 1)).Code);
        var tooLarge = await FailAsync("e", 3000);
        Assert.Equal((ErrorCode.ResourceExhausted, false), (tooLarge.Code, tooLarge.IsTransient));
        await using var subscription = await broker.Transport.SubscribeAsync("e");
        await broker.Transport.PublishAsync("e", new OutgoingMessage { Id = "m-1" });
        await broker.Transport.PublishAsync("e", new OutgoingMessage { Id = "m-2" });
        var first = await subscription.NextAsync();
        var next = subscription.NextAsync();
        Assert.False(next.IsCompleted);
        await first.AckAsync();
        Assert.Equal("m-2", (await next).Id);

        Task<EventBrokerException> FailAsync(string eventName, int size) => Assert.ThrowsAsync<EventBrokerException>(
            () => broker.Transport.PublishAsync(eventName, new OutgoingMessage { Payload = new byte[size] }));
    }
}
