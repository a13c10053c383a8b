using System.Text.Json;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.FunctionalTests.Transports;
using EventBroker.Protos.Event.V1;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Transports;
using Google.Protobuf;
using Grpc.Core;

namespace EventBroker.FunctionalTests.Scenarios;

// What somebody learns who is no operator.
public sealed class StrangerTests
{
    private const string Secret = "redis://10.1.2.3 refused /etc/broker/key.pem";

    // ServerReflectionRequest { list_services: "" }.
    private static readonly byte[] ListServices = [0x3A, 0x00];

    [Fact]
    public async Task Health_tells_a_stranger_the_status_and_the_latency_and_an_operator_everything()
    {
        await using var host = await BrokerHost.StartAsync(decorate: static inner => new IllTransport(inner));
        var client = new EventService.EventServiceClient(host.OpenChannel());
        var all = await client.HealthAsync(new HealthRequest());
        host.Authorizer.Decide = static request => request.Operation == BrokerOperation.Admin ? AuthorizationDecision.Deny("no operator") : AuthorizationDecision.Allow;

        var little = await client.HealthAsync(new HealthRequest());
        var rest = await host.Http.GetStringAsync(new Uri("/v1/health", UriKind.Relative));
        host.Authorizer.Examine = static _ => AuthorizationDecision.Unauthenticated("wrong key");
        var withWrongKey = await client.HealthAsync(new HealthRequest());

        Assert.Contains(Secret, all.Message, StringComparison.Ordinal);
        Assert.Contains("transport.memory.status", all.Details.Keys);
        foreach (var health in new[] { little, withWrongKey, JsonParser.Default.Parse<HealthResponse>(rest) })
        {
            Assert.Equal((HealthStatus.Degraded, "degraded"), (health.Status, health.Message));
            Assert.Equal(["latency"], health.Details.Keys);
        }
    }

    [Theory]
    [InlineData("grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")]
    [InlineData("grpc.reflection.v1.ServerReflection/ServerReflectionInfo")]
    public async Task Reflection_is_for_operators(string method)
    {
        await using var host = await BrokerHost.StartAsync();
        using var http = new HttpClient { BaseAddress = host.GrpcAddress };

        var allowed = await CallAsync();
        host.Authorizer.Decide = static request => request.Operation == BrokerOperation.Admin ? AuthorizationDecision.Deny("no operator") : AuthorizationDecision.Allow;

        Assert.Equal(StatusCode.OK, allowed.Code);
        Assert.Equal((StatusCode.PermissionDenied, "permission denied"), await CallAsync());

        async Task<(StatusCode Code, string Message)> CallAsync()
        {
            using var body = new ByteArrayContent(RawGrpc.Frame(ListServices));
            return await RawGrpc.CallAsync(http, method, body);
        }
    }

    [Fact]
    public async Task Reflection_can_be_switched_off()
    {
        await using var host = await BrokerHost.StartAsync(options: static o => o.Reflection = false);
        using var http = new HttpClient { BaseAddress = host.GrpcAddress };
        using var body = new ByteArrayContent(RawGrpc.Frame(ListServices));

        Assert.Equal(StatusCode.Unimplemented, (await RawGrpc.CallAsync(http, "grpc.reflection.v1.ServerReflection/ServerReflectionInfo", body)).Code);
    }

    private sealed class IllTransport(ITransport inner) : TransportDecorator(inner)
    {
        public override ValueTask<TransportHealth> CheckHealthAsync(CancellationToken cancellationToken) => new(new TransportHealth
        {
            Status = TransportHealthStatus.Degraded,
            Message = Secret,
            Details = new Dictionary<string, string> { ["address"] = Secret },
        });

        protected override ITransportSubscription Decorate(ITransportSubscription subscription) => subscription;
    }
}
