using EventBroker.Endpoints.Grpc;
using EventBroker.Sdk.Errors;
using Microsoft.AspNetCore.Http;

namespace EventBroker.Endpoints.Tests;

public sealed class GrpcStatusTests
{
    [Theory]
    [InlineData("no such event", "no such event")]
    [InlineData("100% ~", "100%25 ~")]
    [InlineData("a\nb\u007f", "a%0Ab%7F")]
    [InlineData("é", "%C3%A9")]
    public void A_message_is_escaped_as_gRPC_wants_it(string message, string expected)
    {
        var http = new DefaultHttpContext();

        GrpcStatus.Write(http, new BrokerException(BrokerErrorCode.NotFound, message));

        Assert.Equal("application/grpc", http.Response.ContentType);
        Assert.Equal("5", http.Response.Headers["grpc-status"]);
        Assert.Equal(expected, http.Response.Headers["grpc-message"]);
    }
}
