using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace EventBroker.Endpoints.WebSockets;

// Stands between the server and what makes a WebSocket out of its stream, over HTTP/1.1 and HTTP/2.
internal sealed class PingedUpgrade(IHttpUpgradeFeature? upgrade, IHttpExtendedConnectFeature? connect) : IHttpUpgradeFeature, IHttpExtendedConnectFeature
{
    // Once the upgrade is made.
    public PingedStream? Stream { get; private set; }

    bool IHttpUpgradeFeature.IsUpgradableRequest => upgrade!.IsUpgradableRequest;

    bool IHttpExtendedConnectFeature.IsExtendedConnect => connect!.IsExtendedConnect;

    string? IHttpExtendedConnectFeature.Protocol => connect!.Protocol;

    // Before the middleware that looks for these features.
    public static Task Use(HttpContext http, RequestDelegate next)
    {
        var upgrade = http.Features.Get<IHttpUpgradeFeature>();
        var connect = http.Features.Get<IHttpExtendedConnectFeature>();
        var pinged = new PingedUpgrade(upgrade, connect);
        http.Features.Set(pinged);
        if (upgrade is not null)
        {
            http.Features.Set<IHttpUpgradeFeature>(pinged);
        }

        if (connect is not null)
        {
            http.Features.Set<IHttpExtendedConnectFeature>(pinged);
        }

        return next(http);
    }

    async Task<Stream> IHttpUpgradeFeature.UpgradeAsync() => Stream = new PingedStream(await upgrade!.UpgradeAsync());

    async ValueTask<Stream> IHttpExtendedConnectFeature.AcceptAsync() => Stream = new PingedStream(await connect!.AcceptAsync());
}
