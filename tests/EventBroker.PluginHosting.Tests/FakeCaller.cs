using System.Net;
using System.Security.Claims;
using System.Security.Cryptography.X509Certificates;
using EventBroker.Sdk.Authorization;

namespace EventBroker.PluginHosting.Tests;

internal sealed class FakeCaller(string? key = null) : Caller
{
    public override string Protocol => "rest";

    public override string ConnectionId => "1";

    public override IPAddress? RemoteAddress => null;

    public override bool IsSecure => false;

    public override X509Certificate2? ClientCertificate => null;

    public override ClaimsPrincipal? Principal { get; set; }

    public override string? GetHeader(string name) => name == "x-key" ? key : null;

    public static async Task<AuthorizationDecision> AskAsync(IAuthorizer authorizer, string? key = null) =>
        await authorizer.AuthorizeAsync(
            new AuthorizationRequest { Caller = new FakeCaller(key), Operation = BrokerOperation.Publish, EventName = "orders", WorkerGroup = "" }, default);
}
