using System.Net;
using System.Security.Claims;
using System.Security.Cryptography.X509Certificates;

namespace EventBroker.Sdk.Authorization;

/// <summary>Who calls, as far as the endpoint knows. One per call or connection; made by the endpoint.</summary>
public abstract class Caller
{
    /// <summary>Gets the protocol: <c>grpc</c>, <c>rest</c>, <c>websocket</c>, <c>sse</c> or <c>in-process</c>.</summary>
    public abstract string Protocol { get; }

    /// <summary>Gets what tells the caller's connection from all others of this process; limits per connection are counted by it.</summary>
    public abstract string ConnectionId { get; }

    /// <summary>Gets the caller's address; null in process.</summary>
    public abstract IPAddress? RemoteAddress { get; }

    /// <summary>Gets whether the connection is encrypted.</summary>
    public abstract bool IsSecure { get; }

    /// <summary>Gets the client certificate of a mutual TLS connection; null without one.</summary>
    public abstract X509Certificate2? ClientCertificate { get; }

    /// <summary>Gets or sets the authenticated identity. Set by the first authorizer that authenticates, or by the embedding
    /// application's own authentication; null for nobody.</summary>
    public abstract ClaimsPrincipal? Principal { get; set; }

    /// <summary>Gets or sets when the identity ends, such as a token's expiry: the broker then ends the caller's streams
    /// with <see cref="Errors.BrokerErrorCode.Unauthenticated"/>. Null for never. An authorizer whose credentials can be
    /// revoked sets it to when it wants to look again: a stream is not asked about in between.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>Gets or sets whether the authorizers have authenticated the caller, be it as nobody in particular. Kept by the broker.</summary>
    public bool IsAuthenticated { get; set; }

    /// <summary>Gets a request header (on gRPC: a metadata entry).</summary>
    /// <param name="name">The name, in any case.</param>
    /// <returns>The value, several joined by commas; null if there is none.</returns>
    public abstract string? GetHeader(string name);

    /// <summary>Counts how often a request header came. Whoever believes a header that somebody in front sets denies one that came
    /// twice: the other one may be the caller's own, which <see cref="GetHeader"/> would join to it.</summary>
    /// <param name="name">The name, in any case.</param>
    /// <returns>The number of header lines of this name; by default 1 or 0, by <see cref="GetHeader"/>.</returns>
    public virtual int CountHeaders(string name) => GetHeader(name) is null ? 0 : 1;

    /// <summary>Gets a parameter of the request's query: a browser's WebSocket and EventSource can't send headers of
    /// their own, so credentials may stand there. Never logged by the broker.</summary>
    /// <param name="name">The name, as the URL spells it.</param>
    /// <returns>The first value; null if there is none, and on protocols without a query.</returns>
    public virtual string? GetQueryParameter(string name) => null;
}
