using EventBroker.Endpoints.Http;
using EventBroker.Sdk.Errors;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventBroker.Endpoints.Tests;

public sealed class FailuresTests
{
    [Theory]
    [InlineData(StatusCodes.Status408RequestTimeout, BrokerErrorCode.DeadlineExceeded, "the request body comes too slowly")]
    [InlineData(StatusCodes.Status413PayloadTooLarge, BrokerErrorCode.ResourceExhausted, "the request body is too large")]
    [InlineData(StatusCodes.Status400BadRequest, BrokerErrorCode.InvalidArgument, "as the server says")]
    public void What_the_server_says_of_a_request_becomes_the_brokers_own_code(int status, BrokerErrorCode code, string message)
    {
        var failure = Failures.ForCaller(new BadHttpRequestException("as the server says", status), NullLogger.Instance, "rest", "Publish");

        Assert.Equal((code, message), (failure.Code, failure.Message));
    }

    [Fact]
    public void A_connection_that_was_reset_is_a_client_that_is_gone_before_the_request_knows_it()
    {
        var http = new DefaultHttpContext();

        Assert.True(Failures.IsClientGone(new ConnectionResetException("reset"), http));
        Assert.True(Failures.IsClientGone(new ConnectionAbortedException("aborted"), http));
        Assert.False(Failures.IsClientGone(new IOException("a disk of ours"), http));
    }
}
