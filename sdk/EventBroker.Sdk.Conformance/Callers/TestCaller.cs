using System.Net;
using System.Security.Claims;
using System.Security.Cryptography.X509Certificates;
using EventBroker.Sdk.Authorization;

namespace EventBroker.Sdk.Conformance.Callers;

/// <summary>A caller as a test wants it to be.</summary>
public sealed class TestCaller : Caller
{
    /// <summary>Gets the request's headers, by name in any case. Default none.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets the parameters of the request's query, by name. Default none.</summary>
    public IReadOnlyDictionary<string, string> Query { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets the protocol. Default <c>rest</c>.</summary>
    public string Over { get; init; } = "rest";

    /// <summary>Gets the address. Default 192.0.2.1, which is no real one.</summary>
    public IPAddress? Address { get; init; } = IPAddress.Parse("192.0.2.1");

    /// <summary>Gets the client certificate. Default none.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <inheritdoc/>
    public override string Protocol => Over;

    /// <inheritdoc/>
    public override string ConnectionId { get; } = Guid.NewGuid().ToString("n");

    /// <inheritdoc/>
    public override IPAddress? RemoteAddress => Address;

    /// <inheritdoc/>
    public override bool IsSecure => Certificate is not null;

    /// <inheritdoc/>
    public override X509Certificate2? ClientCertificate => Certificate;

    /// <inheritdoc/>
    public override ClaimsPrincipal? Principal { get; set; }

    /// <inheritdoc/>
    public override string? GetHeader(string name) =>
        Headers.FirstOrDefault(h => string.Equals(h.Key, name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <inheritdoc/>
    public override string? GetQueryParameter(string name) => Query.GetValueOrDefault(name);
}
