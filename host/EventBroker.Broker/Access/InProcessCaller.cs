using System.Globalization;
using System.Net;
using System.Security.Claims;
using System.Security.Cryptography.X509Certificates;
using EventBroker.Sdk.Authorization;

namespace EventBroker.Broker.Access;

/// <summary>A caller within the broker's own process: an application that embeds it, or a test. Authorizers decide on it like on
/// any other.</summary>
public sealed class InProcessCaller : Caller
{
    private static long _last;

    private readonly Dictionary<string, string> _headers;

    /// <summary>Initializes a caller.</summary>
    /// <param name="principal">Who it is; null for nobody.</param>
    /// <param name="headers">What a remote caller would have sent as headers.</param>
    public InProcessCaller(ClaimsPrincipal? principal = null, IEnumerable<KeyValuePair<string, string>>? headers = null)
    {
        Principal = principal;
        _headers = new Dictionary<string, string>(headers ?? [], StringComparer.OrdinalIgnoreCase);
    }

    /// <inheritdoc/>
    public override string Protocol => "in-process";

    /// <inheritdoc/>
    public override string ConnectionId { get; } =
        "in-process-" + Interlocked.Increment(ref _last).ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override IPAddress? RemoteAddress => null;

    /// <inheritdoc/>
    public override bool IsSecure => true;

    /// <inheritdoc/>
    public override X509Certificate2? ClientCertificate => null;

    /// <inheritdoc/>
    public override ClaimsPrincipal? Principal { get; set; }

    /// <inheritdoc/>
    public override string? GetHeader(string name) => _headers.GetValueOrDefault(name);
}
