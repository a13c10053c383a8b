using EventBroker.Broker;
using EventBroker.Endpoints.Http;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Transports;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventBroker.Endpoints.Tests;

// Nothing is done for a caller before it is known who that is, however long finding out takes.
public sealed class IdentitiesTests : IAuthorizer, IAsyncDisposable
{
    private readonly TaskCompletionSource<AuthorizationDecision> _answer = new();
    private readonly DefaultHttpContext _http = new();
    private readonly MessageBroker _broker;
    private readonly Identities _identities;
    private bool _isServed;

    public IdentitiesTests()
    {
        var setup = new BrokerSetup { Transports = new Dictionary<string, ITransport>(), Routes = [], Authorizers = [this] };
        _broker = new MessageBroker(setup, TimeProvider.System, NullLoggerFactory.Instance);
        _identities = new Identities(_broker, NullLogger<Identities>.Instance);
    }

    ValueTask<AuthorizationDecision> IAuthorizer.AuthenticateAsync(Caller caller, CancellationToken cancellationToken) => new(_answer.Task);

    ValueTask<AuthorizationDecision> IAuthorizer.AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken) => new(_answer.Task);

    [Theory]
    [InlineData("http")]
    [InlineData("grpc")]
    [InlineData("operators")]
    public async Task A_caller_that_is_known_later_is_served_then(string door)
    {
        var call = Around(door)(_http);
        Assert.False(_isServed);

        _answer.SetResult(AuthorizationDecision.Allow);
        await call;

        Assert.True(_isServed);
    }

    [Theory]
    [InlineData("grpc", true)]
    [InlineData("grpc", false)]
    [InlineData("operators", true)]
    [InlineData("operators", false)]
    public async Task Over_gRPC_a_refusal_is_a_status(string door, bool isKnownAtOnce)
    {
        if (isKnownAtOnce)
        {
            Deny();
        }

        var call = Around(door)(_http);
        Deny();
        await call;

        Assert.False(_isServed);
        Assert.Equal(("16", "who are you"), (_http.Response.Headers["grpc-status"].ToString(), _http.Response.Headers["grpc-message"].ToString()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Over_HTTP_a_refusal_is_thrown_to_the_boundary(bool isKnownAtOnce)
    {
        if (isKnownAtOnce)
        {
            Deny();
        }

        var call = Assert.ThrowsAsync<Sdk.Errors.BrokerException>(async () => await Around("http")(_http));
        Deny();

        Assert.Equal("who are you", (await call).Message);
        Assert.False(_isServed);
    }

    // Nobody is left to be told.
    [Fact]
    public async Task A_caller_that_is_gone_meanwhile_is_answered_nothing()
    {
        using var gone = new CancellationTokenSource();
        _http.RequestAborted = gone.Token;
        var call = Around("grpc")(_http);

        await gone.CancelAsync();
        _answer.SetCanceled(gone.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.False(_http.Response.Headers.ContainsKey("grpc-status"));
    }

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    private void Deny() => _answer.TrySetResult(AuthorizationDecision.Unauthenticated("no key", "who are you"));

    private RequestDelegate Around(string door) => door switch
    {
        "http" => _identities.AroundHttp(ServeAsync, Protocols.Rest),
        "grpc" => _identities.AroundGrpc(ServeAsync),
        _ => _identities.AroundOperators(ServeAsync),
    };

    private Task ServeAsync(HttpContext http)
    {
        _isServed = true;
        return Task.CompletedTask;
    }
}
