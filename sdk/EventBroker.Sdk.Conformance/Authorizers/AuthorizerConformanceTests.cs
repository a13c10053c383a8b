using System.Security.Claims;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Conformance.Callers;
using EventBroker.Sdk.Errors;
using Xunit;

namespace EventBroker.Sdk.Conformance.Authorizers;

/// <summary>What every authorizer must do. A plugin's test project derives one empty class from it and gives it a fixture.</summary>
/// <typeparam name="TFixture">Makes the authorizer, and says whom it allows what.</typeparam>
public abstract class AuthorizerConformanceTests<TFixture> : IAsyncLifetime
    where TFixture : AuthorizerFixture, new()
{
    /// <summary>Gets the fixture of this test.</summary>
    protected TFixture Fixture { get; } = new();

    /// <summary>Gets the authorizer under test.</summary>
    protected IAuthorizer Authorizer { get; private set; } = null!;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => Authorizer = await Fixture.CreateAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Disposal.EndAsync(Authorizer);
        await Disposal.EndAsync(Fixture);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Whoever_must_be_allowed_is_allowed_again_and_again()
    {
        Assert.NotEmpty(Fixture.Allowed.Concat(Fixture.Denied));
        foreach (var one in Fixture.Allowed.Concat(Fixture.Allowed))
        {
            var decision = await AskAsync(one);
            Assert.True(decision.IsAllowed, $"{one.Operation} of '{one.EventName}': {decision.Reason}");
            Assert.Null(decision.Code);
        }
    }

    [Fact]
    public async Task Whoever_must_be_denied_is_told_so_and_the_log_why()
    {
        foreach (var one in Fixture.Denied.Concat(Fixture.Denied))
        {
            var decision = await AskAsync(one);
            Assert.False(decision.IsAllowed, $"{one.Operation} of '{one.EventName}'");
            Assert.Contains(decision.Code, new BrokerErrorCode?[] { BrokerErrorCode.PermissionDenied, BrokerErrorCode.Unauthenticated });
            Assert.False(string.IsNullOrEmpty(decision.Reason));
            Assert.False(string.IsNullOrEmpty(decision.Message));
        }
    }

    /// <summary>Neither in the log nor to the caller.</summary>
    /// <returns>A task.</returns>
    [Fact]
    public async Task A_denial_repeats_no_secret()
    {
        foreach (var one in Fixture.Denied)
        {
            var decision = await AskAsync(one);
            Assert.All(
                one.Secrets,
                secret => Assert.DoesNotContain(secret, decision.Reason + decision.Message, StringComparison.Ordinal));
        }
    }

    /// <summary>Another authorizer may know a caller without credentials of this one's kind.</summary>
    /// <returns>A task.</returns>
    [Fact]
    public async Task Whoever_shows_no_credentials_is_not_refused_before_anything_is_asked_for()
    {
        Assert.True((await Authorizer.AuthenticateAsync(new TestCaller(), CancellationToken.None)).IsAllowed);
        Assert.True((await Authorizer.AuthenticateAsync(InProcess(), CancellationToken.None)).IsAllowed);
    }

    [Fact]
    public async Task Who_somebody_else_has_found_out_the_caller_to_be_stays()
    {
        foreach (var one in Fixture.Allowed)
        {
            var caller = one.Caller();
            var found = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "somebody")], "other"));
            var expiry = new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
            caller.Principal = found;
            caller.ExpiresAt = expiry;
            await Authorizer.AuthenticateAsync(caller, CancellationToken.None);
            Assert.Same(found, caller.Principal);
            Assert.Equal(expiry, caller.ExpiresAt);
        }
    }

    /// <summary>Denied or allowed, by whatever protocol and with whatever headers; nothing is thrown that is no answer.</summary>
    /// <param name="operation">What is wanted.</param>
    /// <returns>A task.</returns>
    [Theory]
    [MemberData(nameof(EveryOperation.Operations), MemberType = typeof(EveryOperation))]
    public async Task Every_operation_is_answered_to_everybody(BrokerOperation operation)
    {
        var names = Fixture.Allowed.Concat(Fixture.Denied).SelectMany(static c => c.Caller().Headers.Keys).Distinct().ToList();
        string[] odd = ["", " ", ",", "a\u00e4\ud83d\ude42", new('x', 100_000), "Bearer", "Bearer ", "Bearer a.b.c", "%00", "null"];
        var callers = odd.Select(value => new TestCaller { Headers = names.ToDictionary(static n => n, _ => value) })
            .Concat(Fixture.Allowed.Select(static c => c.Caller()))
            .Append(InProcess());
        foreach (var caller in callers)
        {
            var namesNone = operation is BrokerOperation.List or BrokerOperation.Admin;
            await AskAsync(caller, new AuthorizerCase { Operation = operation, EventName = namesNone ? "" : "orders" });
        }
    }

    [Fact]
    public async Task Many_who_ask_at_once_get_their_own_answers()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++)
            {
                Assert.All(await AskAllAsync(Fixture.Allowed), static d => Assert.True(d.IsAllowed));
                Assert.All(await AskAllAsync(Fixture.Denied), static d => Assert.False(d.IsAllowed));
            }
        })));
    }

    [Fact]
    public async Task An_answer_that_needs_no_waiting_is_there_at_once()
    {
        Assert.SkipUnless(Fixture.AnswersAtOnce, "the fixture says that answers have to be waited for");
        foreach (var one in Fixture.Allowed)
        {
            var caller = one.Caller();
            await AskAsync(caller, one);
            var answer = Authorizer.AuthorizeAsync(one.RequestOf(caller), CancellationToken.None);
            Assert.True(answer.IsCompleted);
            Assert.True((await answer).IsAllowed);
        }
    }

    [Fact]
    public async Task It_can_be_disposed_twice()
    {
        await Disposal.EndAsync(Authorizer);
        await Disposal.EndAsync(Authorizer);
    }

    private static TestCaller InProcess() => new() { Over = "in-process", Address = null };

    private async Task<List<AuthorizationDecision>> AskAllAsync(IEnumerable<AuthorizerCase> cases)
    {
        var decisions = new List<AuthorizationDecision>();
        foreach (var one in cases)
        {
            decisions.Add(await AskAsync(one));
        }

        return decisions;
    }

    private Task<AuthorizationDecision> AskAsync(AuthorizerCase one) => AskAsync(one.Caller(), one);

    // As the broker asks: who it is, then whether it may.
    private async Task<AuthorizationDecision> AskAsync(TestCaller caller, AuthorizerCase one)
    {
        try
        {
            var known = await Authorizer.AuthenticateAsync(caller, CancellationToken.None);
            return known.IsAllowed ? await Authorizer.AuthorizeAsync(one.RequestOf(caller), CancellationToken.None) : known;
        }
        catch (BrokerException denial)
        {
            // A denial with a code of its own, such as that of a key server out of reach.
            return AuthorizationDecision.Deny(denial.Message);
        }
    }
}
