using System.Net.WebSockets;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.Protos.Broker.V1;
using EventBroker.Protos.Event.V1;
using EventBroker.Sdk.Authorization;
using Grpc.Core;

namespace EventBroker.FunctionalTests.Scenarios;

// Whatever lasts ends with the identity of its caller, whether that is known from the credentials or from a decision.
public sealed class IdentityEndTests
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_publish_stream_ends_with_its_callers_identity(bool isKnownFromCredentials)
    {
        await using var host = await StartAsync(isKnownFromCredentials);
        using var call = new BrokerService.BrokerServiceClient(host.OpenChannel()).PublishStream();
        await call.RequestStream.WriteAsync(new PublishItem { Event = "e", Id = "in time" });
        Assert.True(await call.ResponseStream.MoveNext());
        Assert.Equal((1, 0), (call.ResponseStream.Current.Count, call.ResponseStream.Current.Failures.Count));
        var next = call.ResponseStream.MoveNext();

        host.Time.Advance(Lifetime - TimeSpan.FromSeconds(1));
        Assert.False(next.IsCompleted);
        host.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(StatusCode.Unauthenticated, (await Assert.ThrowsAsync<RpcException>(() => next)).StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_WebSocket_is_closed_with_its_callers_identity(bool isKnownFromCredentials)
    {
        await using var host = await StartAsync(isKnownFromCredentials);
        await using var socket = await WebSocketClient.OpenAsync(host.HttpAddress, "/v1/events/e/subscribe");

        host.Time.Advance(Lifetime);

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await socket.ReadCloseAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_subscription_over_SSE_and_gRPC_ends_with_its_callers_identity(bool isKnownFromCredentials)
    {
        await using var host = await StartAsync(isKnownFromCredentials);
        await using var sse = await SseClient.OpenAsync(host.Http, "/v1/events/e/stream");
        using var grpc = new EventService.EventServiceClient(host.OpenChannel()).Subscribe(new SubscribeRequest { Event = "e" });
        await grpc.ResponseHeadersAsync;

        host.Time.Advance(Lifetime);

        SseEvent? last = null;
        while (await sse.ReadAsync() is { } read)
        {
            last = read;
        }

        Assert.Contains("\"code\":16", last!.Data, StringComparison.Ordinal);
        Assert.Equal(StatusCode.Unauthenticated, (await Assert.ThrowsAsync<RpcException>(() => grpc.ResponseStream.MoveNext())).StatusCode);
    }

    private static async Task<BrokerHost> StartAsync(bool isKnownFromCredentials)
    {
        var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        if (isKnownFromCredentials)
        {
            host.Authorizer.Examine = caller => Allow(caller);
        }
        else
        {
            host.Authorizer.Decide = request => Allow(request.Caller);
        }

        return host;

        AuthorizationDecision Allow(Caller caller)
        {
            caller.ExpiresAt ??= host.Time.GetUtcNow() + Lifetime;
            return AuthorizationDecision.Allow;
        }
    }
}
