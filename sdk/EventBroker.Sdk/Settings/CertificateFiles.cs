using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EventBroker.Sdk.Settings;

/// <summary>Reads the files that settings name for TLS.</summary>
public static class CertificateFiles
{
    /// <summary>Reads a certificate with its private key, and what stands beside it.</summary>
    /// <param name="path">The file: PKCS #12, or PEM if <paramref name="keyPath"/> is given.</param>
    /// <param name="keyPath">The file with the private key in PEM; null for PKCS #12, which holds both.</param>
    /// <param name="password">The password of the PKCS #12 file or of the private key; null for none.</param>
    /// <returns>The certificate that has the private key, and the others of the file, such as those between it and its authority.</returns>
    /// <exception cref="CryptographicException">The file is none of the kind, the password does not fit, or there is no private key.</exception>
    /// <exception cref="IOException">A file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public static (X509Certificate2 Certificate, X509Certificate2Collection Others) ReadWithKey(string path, string? keyPath, string? password)
    {
        if (keyPath is null)
        {
            var all = X509CertificateLoader.LoadPkcs12CollectionFromFile(path, password);
            var holder = all.FirstOrDefault(static c => c.HasPrivateKey)
                ?? throw new CryptographicException("it has no private key; name its file as keyPath.");
            all.Remove(holder);
            return (holder, all);
        }

        var own = password is null
            ? X509Certificate2.CreateFromPemFile(path, keyPath)
            : X509Certificate2.CreateFromEncryptedPemFile(path, password, keyPath);
        var others = ReadAll(path);
        foreach (var same in others.Where(c => c.Thumbprint == own.Thumbprint).ToList())
        {
            others.Remove(same);
        }

        return (own, others);
    }

    /// <summary>Reads the authorities that are trusted.</summary>
    /// <param name="path">The file, one or more certificates in PEM.</param>
    /// <returns>The certificates, at least one.</returns>
    /// <exception cref="CryptographicException">The file holds no certificate.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static X509Certificate2Collection ReadAuthorities(string path) =>
        ReadAll(path) is { Count: > 0 } authorities ? authorities : throw new CryptographicException("it holds no certificate in PEM.");

    /// <summary>Tells whether an exception says that a file can't be used, and not that something else is wrong.</summary>
    /// <param name="exception">The exception.</param>
    /// <returns>Whether it does.</returns>
    public static bool IsFault(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException;

    private static X509Certificate2Collection ReadAll(string path)
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPemFile(path);
        return all;
    }
}
