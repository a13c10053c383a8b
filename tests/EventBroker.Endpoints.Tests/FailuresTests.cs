using EventBroker.Endpoints.Http;
using EventBroker.Sdk.Errors;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventBroker.Endpoints.Tests;

public sealed class FailuresTests : IDisposable
{
    private readonly FakeLog _log = new();

    [Theory]
    [InlineData(StatusCodes.Status408RequestTimeout, BrokerErrorCode.DeadlineExceeded, "the request body comes too slowly")]
    [InlineData(StatusCodes.Status413PayloadTooLarge, BrokerErrorCode.ResourceExhausted, "the request body is too large")]
    [InlineData(StatusCodes.Status400BadRequest, BrokerErrorCode.InvalidArgument, "as the server says")]
    public void What_the_server_says_of_a_request_becomes_the_brokers_own_code(int status, BrokerErrorCode code, string message)
    {
        var failure = Failures.ForCaller(new BadHttpRequestException("as the server says", status), NullLogger.Instance, "rest", "Publish");

        Assert.Equal((code, message), (failure.Code, failure.Message));
        Assert.Equal(code == BrokerErrorCode.ResourceExhausted, failure.IsFinal);
    }

    public static TheoryData<Exception> Unforeseen { get; } = [new FormatException("a secret"), new BrokerException(BrokerErrorCode.Internal, "a secret")];

    [Theory]
    [MemberData(nameof(Unforeseen))]
    public void What_nobody_foresaw_is_logged_and_not_shown(Exception exception)
    {
        var failure = Failures.ForCaller(exception, _log, "rest", "Publish");

        Assert.Equal((BrokerErrorCode.Internal, "internal error"), (failure.Code, failure.Message));
        Assert.Contains("A rest call to Publish failed for a reason that nobody foresaw", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_that_something_else_caused_is_shown_and_logged()
    {
        var exception = new BrokerException(BrokerErrorCode.Unavailable, "not now", new IOException("the disk"));

        Assert.Same(exception, Failures.ForCaller(exception, _log, "rest", "Publish"));
        Assert.Equal("A rest call to Publish failed.", Assert.Single(_log.Lines));
    }

    [Fact]
    public void A_failure_of_the_brokers_own_is_shown_alone()
    {
        foreach (var cause in new BrokerException?[] { null, new(BrokerErrorCode.NotFound, "inner") })
        {
            var exception = new BrokerException(BrokerErrorCode.Unavailable, "not now", cause!);
            Assert.Same(exception, Failures.ForCaller(exception, _log, "rest", "Publish"));
        }

        Assert.Empty(_log.Lines);
    }

    [Fact]
    public void A_connection_that_was_reset_is_a_client_that_is_gone_before_the_request_knows_it()
    {
        var http = new DefaultHttpContext();

        Assert.True(Failures.IsClientGone(new ConnectionResetException("reset"), http));
        Assert.True(Failures.IsClientGone(new ConnectionAbortedException("aborted"), http));
        Assert.False(Failures.IsClientGone(new IOException("a disk of ours"), http));
    }

    public void Dispose() => _log.Dispose();
}
