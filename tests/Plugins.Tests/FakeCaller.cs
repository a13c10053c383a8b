using System.Net;
using System.Security.Claims;
using System.Security.Cryptography.X509Certificates;
using EventBroker.Sdk.Authorization;

namespace Plugins.Tests;

internal sealed class FakeCaller(string header = "", string? value = null, IPAddress? address = null, params (string Name, string Value)[] more) : Caller
{
    public override string Protocol => "rest";

    public override string ConnectionId => "1";

    public override IPAddress? RemoteAddress => address;

    public override bool IsSecure => false;

    public override X509Certificate2? ClientCertificate => null;

    public override ClaimsPrincipal? Principal { get; set; }

    public override string? GetHeader(string name) => name == header ? value : All(name) is { Length: > 0 } all ? string.Join(',', all) : null;

    public override int CountHeaders(string name) => (name == header && value is not null ? 1 : 0) + All(name).Length;

    private string[] All(string name) => [.. more.Where(m => m.Name == name).Select(static m => m.Value)];
}
