namespace EventBroker.Host.Configuration;

/// <summary>Where the broker is reached. Without TLS gRPC and HTTP/1.1 need a port each; with a certificate one port serves all.</summary>
public sealed class ListenSettings
{
    /// <summary>Gets or sets the address for gRPC without TLS.</summary>
    /// <value>Default <c>http://127.0.0.1:9090</c>, or none where <see cref="Https"/> is set. Port 0 takes a free one.</value>
    public string? Grpc { get; set; }

    /// <summary>Gets or sets the address for REST, WebSocket and SSE without TLS.</summary>
    /// <value>Default <c>http://127.0.0.1:8080</c>, or none where <see cref="Https"/> is set. Port 0 takes a free one.</value>
    public string? Http { get; set; }

    /// <summary>Gets or sets the address for everything, with TLS; needs <see cref="Certificate"/>.</summary>
    /// <value>Default none.</value>
    public string? Https { get; set; }

    /// <summary>Gets or sets the server's certificate.</summary>
    public CertificateSettings? Certificate { get; set; }

    /// <summary>Gets or sets which certificates clients of <see cref="Https"/> may show.</summary>
    /// <value>Default none: they are not asked for any.</value>
    public ClientCertificateSettings? ClientCertificates { get; set; }
}
