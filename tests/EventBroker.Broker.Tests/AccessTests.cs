using EventBroker.Broker.Publishing;
using EventBroker.Broker.Settling;
using EventBroker.Broker.Subscribing;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Interception;
using EventBroker.Sdk.Messages;

namespace EventBroker.Broker.Tests;

public class AccessTests
{
    [Fact]
    public async Task Without_an_authorizer_every_call_is_denied()
    {
        await using var fixture = new BrokerFixture(authorizers: []);

        Assert.Equal(BrokerErrorCode.PermissionDenied, await BrokerFixture.CodeOfAsync(async () => await fixture.RegisterAsync()));
        Assert.Equal(BrokerErrorCode.PermissionDenied, await BrokerFixture.CodeOfAsync(() => fixture.PublishAsync("a").AsTask()));
        Assert.Equal(BrokerErrorCode.PermissionDenied, await BrokerFixture.CodeOfAsync(() => fixture.SubscribeAsync().AsTask()));
        var exception = await Assert.ThrowsAsync<BrokerException>(
            async () => await fixture.Broker.SettleAsync(fixture.Caller, new SettleEntry[1], CancellationToken.None));
        Assert.Equal("no authorizer configured", exception.Message);
    }

    [Fact]
    public async Task Any_denial_wins_and_its_reason_stays_inside()
    {
        await using var fixture = new BrokerFixture(
        [
            new FixedAuthorizer(static _ => AuthorizationDecision.Allow),
            new FixedAuthorizer(static _ => AuthorizationDecision.Deny("the account of acme is closed", "not allowed")),
        ]);

        var exception = await Assert.ThrowsAsync<BrokerException>(async () => await fixture.RegisterAsync());

        Assert.Equal((BrokerErrorCode.PermissionDenied, "not allowed"), (exception.Code, exception.Message));
    }

    [Fact]
    public async Task An_answer_that_decides_nothing_denies()
    {
        await using var fixture = new BrokerFixture([new FixedAuthorizer(static _ => default)]);

        Assert.Equal(BrokerErrorCode.PermissionDenied, await BrokerFixture.CodeOfAsync(async () => await fixture.RegisterAsync()));
    }

    [Fact]
    public async Task Only_a_caller_who_may_can_settle()
    {
        await using var fixture = new BrokerFixture(
        [
            new FixedAuthorizer(static request => request.Operation == BrokerOperation.Settle && request.Caller.GetHeader("who") != "me"
                ? AuthorizationDecision.Deny("a stranger")
                : AuthorizationDecision.Allow),
        ]);
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync();
        await fixture.PublishAsync("a");
        var delivery = await BrokerFixture.NextAsync(subscription);
        var me = new Access.InProcessCaller(headers: [KeyValuePair.Create("Who", "me")]);

        Assert.Equal(SettleResult.NotYours, await fixture.SettleAsync(subscription, delivery, Settlement.Ack));
        Assert.Equal(SettleResult.Settled, await fixture.SettleAsync(subscription, delivery, Settlement.Ack, caller: me));
    }

    [Fact]
    public async Task A_batch_asks_no_further_once_its_call_has_ended()
    {
        using var ended = new CancellationTokenSource();
        var asked = 0;
        await using var fixture = new BrokerFixture(
        [
            new FixedAuthorizer(_ =>
            {
                asked++;
                ended.Cancel();
                return AuthorizationDecision.Deny("no");
            },
            atOnce: true),
        ]);
        PublishItem[] items = [.. Enumerable.Range(0, 3).Select(static i => new PublishItem { EventName = $"e{i}", Message = new MessageEncoder() })];

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await fixture.Broker.PublishAsync(fixture.Caller, items, ended.Token));

        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task An_authorizer_may_deny_by_throwing()
    {
        await using var fixture = new BrokerFixture(
        [
            new FixedAuthorizer(static request => request.Operation == BrokerOperation.Settle
                ? throw new BrokerException(Enum.Parse<BrokerErrorCode>(request.Caller.GetHeader("code")!), "no")
                : AuthorizationDecision.Allow),
        ]);
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync();
        await fixture.PublishAsync("a");
        var delivery = await BrokerFixture.NextAsync(subscription);

        Assert.Equal(SettleResult.NotYours, await fixture.SettleAsync(subscription, delivery, Settlement.Ack, caller: CallerWith("PermissionDenied")));
        Assert.Equal(BrokerErrorCode.Unavailable, await BrokerFixture.CodeOfAsync(() => fixture.SettleAsync(subscription, delivery, Settlement.Ack, caller: CallerWith("Unavailable"))));

        static Access.InProcessCaller CallerWith(string code) => new(headers: [KeyValuePair.Create("code", code)]);
    }

    [Fact]
    public async Task A_subscription_ends_with_its_callers_identity()
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        fixture.Caller.ExpiresAt = fixture.Clock.GetUtcNow().AddMinutes(1);
        await using var subscription = await fixture.SubscribeAsync();
        Assert.Empty(await BrokerFixture.TakeAsync(subscription));

        fixture.Clock.Advance(TimeSpan.FromSeconds(61));

        Assert.Equal(BrokerErrorCode.Unauthenticated, await BrokerFixture.CodeOfAsync(() => BrokerFixture.NextAsync(subscription)));
    }

    [Fact]
    public async Task An_identity_that_lasts_for_months_ends_the_subscription_then_and_not_earlier()
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        fixture.Caller.ExpiresAt = fixture.Clock.GetUtcNow().AddDays(100);
        await using var subscription = await fixture.SubscribeAsync();

        for (var day = 1; day < 100; day++)
        {
            fixture.Clock.Advance(TimeSpan.FromDays(1));
            Assert.Empty(await BrokerFixture.TakeAsync(subscription));
        }

        fixture.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(BrokerErrorCode.Unauthenticated, await BrokerFixture.CodeOfAsync(() => BrokerFixture.TakeAsync(subscription)));
    }

    [Fact]
    public async Task An_identity_that_has_expired_already_gets_no_message()
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        fixture.Caller.ExpiresAt = fixture.Clock.GetUtcNow();
        await using var subscription = await fixture.SubscribeAsync();

        Assert.Equal(BrokerErrorCode.Unauthenticated, await BrokerFixture.CodeOfAsync(() => BrokerFixture.TakeAsync(subscription)));
    }

    // Decoders put U+FFFD in the place of bytes that are no UTF-8, and two different ids would become one.
    [Theory]
    [InlineData("\uFFFD")]
    [InlineData("a\uFFFDb")]
    [InlineData("a\nb")]
    public async Task A_consumer_id_that_can_not_be_told_from_another_is_refused(string consumerId)
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        var request = new SubscribeRequest { EventName = "e", ConsumerId = consumerId };

        var refusal = await Assert.ThrowsAsync<BrokerException>(
            async () => await fixture.Broker.SubscribeAsync(fixture.Caller, request, CancellationToken.None));

        Assert.Equal(BrokerErrorCode.InvalidArgument, refusal.Code);
        Assert.StartsWith("consumer_id", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_holds_no_more_subscriptions_than_allowed()
    {
        await using var fixture = new BrokerFixture(options: new BrokerOptions { MaxSubscriptionsPerConnection = 1 });
        await fixture.RegisterAsync();
        var first = await fixture.SubscribeAsync();

        Assert.Equal(BrokerErrorCode.ResourceExhausted, await BrokerFixture.CodeOfAsync(() => fixture.SubscribeAsync().AsTask()));
        await first.DisposeAsync();
        await using var second = await fixture.SubscribeAsync();
    }

    [Theory]
    [InlineData("worker_group", "g", 0, 0, 0)]
    [InlineData("buffer_size", "", -1, 0, 0)]
    [InlineData("max_in_flight", "", 0, 1001, 0)]
    [InlineData("ack_timeout", "", 0, 0, 500)]
    public async Task A_wrong_option_is_refused_by_name(string option, string group, int buffer, int inFlight, int ackMilliseconds)
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        var request = new SubscribeRequest
        {
            EventName = "e",
            WorkerGroup = group,
            BufferSize = buffer,
            MaxInFlight = inFlight,
            AckTimeout = ackMilliseconds == 0 ? null : TimeSpan.FromMilliseconds(ackMilliseconds),
        };

        var exception = await Assert.ThrowsAsync<BrokerException>(
            async () => await fixture.Broker.SubscribeAsync(fixture.Caller, request, CancellationToken.None));

        Assert.Equal(BrokerErrorCode.InvalidArgument, exception.Code);
        Assert.Contains(option, exception.Message, StringComparison.Ordinal);
    }

    // Nobody is denied health, and asking a backend costs.
    [Fact]
    public async Task Strangers_who_ask_for_health_within_a_second_share_an_answer()
    {
        HookedReads transport = null!;
        await using var fixture = new BrokerFixture(
            [new FixedAuthorizer(static request => request.Caller.GetHeader("who") == "me" ? AuthorizationDecision.Allow : AuthorizationDecision.Deny("no"))],
            makeTransport: clock => transport = new HookedReads(clock));
        var me = new Access.InProcessCaller(headers: [KeyValuePair.Create("Who", "me")]);
        for (var i = 0; i < 100; i++)
        {
            Assert.DoesNotContain("subscriptions", (await fixture.Broker.CheckHealthAsync(fixture.Caller, CancellationToken.None)).Details.Keys);
        }

        Assert.Equal(1, transport.HealthChecks);
        fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        await fixture.Broker.CheckHealthAsync(fixture.Caller, CancellationToken.None);
        Assert.Equal(2, transport.HealthChecks);

        // An operator hears how it is now.
        await fixture.Broker.CheckHealthAsync(me, CancellationToken.None);
        await fixture.Broker.CheckHealthAsync(me, CancellationToken.None);
        Assert.Equal(4, transport.HealthChecks);
    }

    [Fact]
    public async Task Many_denials_are_counted_and_a_few_are_logged()
    {
        var log = new FakeLog();
        await using var fixture = new BrokerFixture([new FixedAuthorizer(static _ => AuthorizationDecision.Deny("no"))], loggers: log);
        for (var i = 0; i < 100; i++)
        {
            await BrokerFixture.CodeOfAsync(() => fixture.PublishAsync("a").AsTask());
        }

        Assert.Equal(10, log.Lines.Count);
        Assert.All(log.Lines, static line => Assert.Contains("Denied Publish of 'e'", line, StringComparison.Ordinal));
        fixture.Clock.Advance(TimeSpan.FromSeconds(10));
        await BrokerFixture.CodeOfAsync(() => fixture.PublishAsync("a").AsTask());

        Assert.Equal(12, log.Lines.Count);
        Assert.Equal("90 denials were not logged: only 10 are in 00:00:10", log.Lines[10]);
        Assert.Equal("101", (await fixture.Broker.CheckHealthAsync(CancellationToken.None)).Details["denials"]);
    }
}
