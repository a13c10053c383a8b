using EventBroker.Endpoints.Http;
using EventBroker.Sdk.Errors;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace EventBroker.Endpoints.Tests;

// What becomes of a call whose client has gone.
public sealed class HttpBoundaryTests
{
    private readonly DefaultHttpContext _http = new();
    private readonly Lifetime _lifetime = new();

    public static TheoryData<Exception> WhatATimeoutLeaves { get; } =
        [new OperationCanceledException(), new IOException("a read has failed"), new BadHttpRequestException("too late", StatusCodes.Status408RequestTimeout)];

    public HttpBoundaryTests()
    {
        _http.Features.Set<IHttpRequestLifetimeFeature>(_lifetime);
        _http.Features.Set<IHttpResponseFeature>(new Response());
    }

    [Fact]
    public async Task A_connection_that_was_reset_is_given_up()
    {
        await RunAsync(new ConnectionResetException("reset"));

        Assert.True(_lifetime.IsAborted);
    }

    // The client may be there still.
    [Theory]
    [MemberData(nameof(WhatATimeoutLeaves))]
    public async Task A_timeout_of_the_application_is_answered_without_a_body(Exception failure)
    {
        _lifetime.RequestAborted = new CancellationToken(canceled: true);

        await RunAsync(failure);

        Assert.False(_lifetime.IsAborted);
        Assert.Equal((StatusCodes.Status504GatewayTimeout, null), (_http.Response.StatusCode, _http.Response.ContentType));
    }

    [Fact]
    public async Task A_failure_amid_an_answer_cuts_it_off()
    {
        _http.Features.Set<IHttpResponseFeature>(new Response { Started = true });

        await RunAsync(new BrokerException(BrokerErrorCode.Unavailable, "gone"));

        Assert.True(_lifetime.IsAborted);
    }

    [Theory]
    [InlineData("GET", BrokerErrorReason.None, """{"code":14,"message":"gone","details":[]}""")]
    [InlineData("GET", BrokerErrorReason.TakenOver, """{"code":14,"message":"gone","details":[],"reason":"taken_over"}""")]
    [InlineData("HEAD", BrokerErrorReason.None, "")]
    public async Task Any_other_failure_is_answered(string method, BrokerErrorReason reason, string body)
    {
        using var written = new MemoryStream();
        _http.Response.Body = written;
        _http.Request.Method = method;

        await RunAsync(new BrokerException(BrokerErrorCode.Unavailable, "gone") { Reason = reason });

        Assert.False(_lifetime.IsAborted);
        Assert.Equal((StatusCodes.Status503ServiceUnavailable, "application/json"), (_http.Response.StatusCode, _http.Response.ContentType));
        Assert.Equal(body, System.Text.Encoding.UTF8.GetString(written.ToArray()));
    }

    private Task RunAsync(Exception failure)
    {
        var boundary = new HttpBoundary(new Origins(Options.Create(new EventBrokerOptions())), NullLogger<HttpBoundary>.Instance);
        return boundary.Around(_ => throw failure, Protocols.Rest)(_http);
    }

    private sealed class Lifetime : IHttpRequestLifetimeFeature
    {
        public bool IsAborted { get; private set; }

        public CancellationToken RequestAborted { get; set; }

        public void Abort() => IsAborted = true;
    }

    private sealed class Response : HttpResponseFeature
    {
        public bool Started { get; init; }

        public override bool HasStarted => Started;
    }
}
