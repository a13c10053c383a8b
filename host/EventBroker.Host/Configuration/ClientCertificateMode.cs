namespace EventBroker.Host.Configuration;

/// <summary>What is asked of clients that connect with TLS.</summary>
public enum ClientCertificateMode
{
    /// <summary>A certificate is asked for, and a client without one is served as well; authorizers see which it is.</summary>
    Allow,

    /// <summary>A client without a certificate is not connected.</summary>
    Require,
}
