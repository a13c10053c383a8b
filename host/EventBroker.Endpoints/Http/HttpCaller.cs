using System.Net;
using System.Security.Claims;
using System.Security.Cryptography.X509Certificates;
using EventBroker.Sdk.Authorization;
using Microsoft.AspNetCore.Http;

namespace EventBroker.Endpoints.Http;

// Valid for as long as its call: the server reuses the HttpContext afterwards.
internal sealed class HttpCaller(HttpContext context, string protocol) : Caller
{
    private ClaimsPrincipal? _principal;
    private string? _connectionId;
    private IPAddress? _remoteAddress;

    public override string Protocol => protocol;

    // Kept, because the broker counts a subscription off by it after the call.
    // An in-memory test server gives its connections no ids: then each request counts as one.
    public override string ConnectionId => _connectionId ??= context.Connection.Id ?? context.TraceIdentifier;

    // Kept as well, for what the broker logs when it cuts a stream.
    public override IPAddress? RemoteAddress => _remoteAddress ??= context.Connection.RemoteIpAddress;

    public override bool IsSecure => context.Request.IsHttps;

    public override X509Certificate2? ClientCertificate => context.Connection.ClientCertificate;

    public override ClaimsPrincipal? Principal
    {
        get => _principal ?? (context.User.Identity is { IsAuthenticated: true } ? context.User : null);
        set => _principal = value;
    }

    // One for each call, so that its credentials are looked at once.
    public static HttpCaller Of(HttpContext context, string protocol)
    {
        if (context.Features.Get<HttpCaller>() is { } known)
        {
            return known;
        }

        var caller = new HttpCaller(context, protocol);
        context.Features.Set(caller);
        return caller;
    }

    // The broker asks a subscriber's caller for these until the subscription is gone, which may be a moment after the call.
    public static HttpCaller ForStream(HttpContext context, string protocol)
    {
        var caller = Of(context, protocol);
        _ = caller.ConnectionId;
        _ = caller.RemoteAddress;
        return caller;
    }

    public override string? GetHeader(string name) =>
        context.Request.Headers.TryGetValue(name, out var values) ? values.ToString() : null;

    public override int CountHeaders(string name) => context.Request.Headers.TryGetValue(name, out var values) ? values.Count : 0;

    public override string? GetQueryParameter(string name) =>
        context.Request.Query.TryGetValue(name, out var values) ? values[0] : null;
}
