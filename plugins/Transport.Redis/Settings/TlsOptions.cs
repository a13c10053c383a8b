using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Settings;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Settings;

/// <summary>Loads what TLS needs, once at start.</summary>
internal static class TlsOptions
{
    /// <summary>Applies the settings.</summary>
    /// <param name="options">What they are applied to.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="distrust">Gets why a server is not trusted; the client library would only say that it is not reachable.</param>
    public static void Apply(ConfigurationOptions options, RedisTlsSettings settings, Distrust distrust)
    {
        var trusted = settings.AuthoritiesPath is not { } authorities ? null : Load("authoritiesPath", authorities, () => CertificateFiles.ReadAuthorities(authorities));
        options.CertificateValidation += (_, certificate, _, errors) =>
        {
            var isTrusted = trusted is null ? errors == SslPolicyErrors.None : IsTrusted(certificate, errors, trusted);
            distrust.Reason = isTrusted ? null : Explain(errors);
            return isTrusted;
        };

        if (settings.CertificatePath is { } path)
        {
            var own = Load("certificatePath", path, () => CertificateFiles.ReadWithKey(path, settings.KeyPath, settings.KeyPassword).Certificate);
            options.CertificateSelection += (_, _, _, _, _) => own;
        }
    }

    private static bool IsTrusted(X509Certificate? certificate, SslPolicyErrors errors, X509Certificate2Collection trusted)
    {
        // The name must fit; only who signed it is judged here.
        if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(trusted);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate as X509Certificate2 ?? X509CertificateLoader.LoadCertificate(certificate.GetRawCertData()));
    }

    private static string Explain(SslPolicyErrors errors) =>
        errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) ? "It shows no certificate. "
        : errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? "Its certificate is not for this address. "
        : "Its certificate is of an authority that is not trusted here: name that in tls.authoritiesPath. ";

    private static T Load<T>(string key, string path, Func<T> load)
    {
        try
        {
            return load();
        }
        catch (Exception exception) when (CertificateFiles.IsFault(exception))
        {
            throw new BrokerException(BrokerErrorCode.InvalidArgument, $"tls.{key}: {path} can't be used: {exception.Message}", exception);
        }
    }
}
