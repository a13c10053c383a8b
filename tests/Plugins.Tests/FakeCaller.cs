using System.Net;
using System.Security.Claims;
using System.Security.Cryptography.X509Certificates;
using EventBroker.Sdk.Authorization;

namespace Plugins.Tests;

internal sealed class FakeCaller(string header = "", string? value = null) : Caller
{
    public override string Protocol => "rest";

    public override string ConnectionId => "1";

    public override IPAddress? RemoteAddress => null;

    public override bool IsSecure => false;

    public override X509Certificate2? ClientCertificate => null;

    public override ClaimsPrincipal? Principal { get; set; }

    public override string? GetHeader(string name) => name == header ? value : null;
}
