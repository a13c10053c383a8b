using EventBroker.Endpoints.Grpc;
using EventBroker.Sdk.Errors;
using Grpc.Core;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace EventBroker.Endpoints.Tests;

// What a call says of a failure, and what the log does.
public sealed class GrpcCallsTests : IDisposable
{
    private readonly FakeLog _log = new();
    private readonly DefaultHttpContext _http = new();

    // Of a reset the call may not know yet.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_connection_that_was_reset_is_a_call_that_was_cancelled(bool isKnown)
    {
        Assert.Equal(StatusCode.Cancelled, Failed(new ConnectionResetException("reset"), isKnown).StatusCode);
        Assert.Empty(_log.Lines);
    }

    [Theory]
    [InlineData(true, StatusCode.Cancelled)]
    [InlineData(false, StatusCode.Internal)]
    public void What_ends_a_call_is_no_failure_once_it_is_cancelled(bool isKnown, StatusCode expected)
    {
        Assert.All(
            new Exception[] { new OperationCanceledException(), new IOException("aborted") },
            exception => Assert.Equal(expected, Failed(exception, isKnown).StatusCode));
        Assert.Equal(isKnown ? 0 : 2, _log.Lines.Count);
    }

    [Fact]
    public void A_fault_that_nobody_foresaw_is_the_brokers_own_internal_error()
    {
        Assert.False(GrpcCalls.IsOwnInternal(_http));

        Assert.Equal((StatusCode.Internal, "internal error"), Shown(Failed(new FormatException("a secret"), isCancelled: true)));

        Assert.True(GrpcCalls.IsOwnInternal(_http));
        Assert.Contains("A grpc call to /s/m failed", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_refusal_is_shown_and_a_status_stays_as_it_is()
    {
        Assert.Equal((StatusCode.NotFound, "no such event"), Shown(Failed(new BrokerException(BrokerErrorCode.NotFound, "no such event"), isCancelled: false)));
        var status = new RpcException(new Status(StatusCode.DataLoss, "lost"));
        Assert.Same(status, Failed(status, isCancelled: true));
        Assert.False(GrpcCalls.IsOwnInternal(_http));
    }

    [Fact]
    public void A_transcoded_call_is_one_of_REST()
    {
        Failed(new FormatException(), isCancelled: false, contentType: "application/json");

        Assert.Contains("A rest call to /s/m failed", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    public void Dispose() => _log.Dispose();

    private static (StatusCode Code, string Detail) Shown(RpcException exception) => (exception.StatusCode, exception.Status.Detail);

    private RpcException Failed(Exception exception, bool isCancelled, string contentType = "application/grpc")
    {
        _http.Request.ContentType = contentType;
        return GrpcCalls.Failed(exception, _http, new Call(new CancellationToken(isCancelled)), _log);
    }

    private sealed class Call(CancellationToken cancellationToken) : ServerCallContext
    {
        protected override string MethodCore => "/s/m";

        protected override string HostCore => "";

        protected override string PeerCore => "";

        protected override DateTime DeadlineCore => DateTime.MaxValue;

        protected override Metadata RequestHeadersCore { get; } = [];

        protected override CancellationToken CancellationTokenCore => cancellationToken;

        protected override Metadata ResponseTrailersCore { get; } = [];

        protected override Status StatusCore { get; set; }

        protected override WriteOptions? WriteOptionsCore { get; set; }

        protected override AuthContext AuthContextCore { get; } = new(null, []);

        protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) => throw new NotSupportedException();

        protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => throw new NotSupportedException();
    }
}
