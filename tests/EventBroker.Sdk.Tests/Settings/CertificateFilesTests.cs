using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EventBroker.Sdk.Settings;

namespace EventBroker.Sdk.Tests.Settings;

public sealed class CertificateFilesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("certificates-");
    private readonly ECDsa _key = ECDsa.Create();
    private readonly X509Certificate2 _own;
    private readonly X509Certificate2 _between;

    public CertificateFilesTests()
    {
        _own = Make("CN=own", _key);
        using var other = ECDsa.Create();
        using var withKey = Make("CN=between", other);
        _between = X509CertificateLoader.LoadCertificate(withKey.RawData);
    }

    public void Dispose()
    {
        _own.Dispose();
        _between.Dispose();
        _key.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("secret")]
    public void A_PEM_file_and_that_of_its_key_give_the_certificate_and_what_stands_beside_it(string? password)
    {
        var path = Write("own.pem", _own.ExportCertificatePem() + "\n" + _between.ExportCertificatePem());
        var key = Write("own.key", password is null
            ? _key.ExportPkcs8PrivateKeyPem()
            : _key.ExportEncryptedPkcs8PrivateKeyPem(password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1_000)));
        var (certificate, others) = CertificateFiles.ReadWithKey(path, key, password);
        Assert.True(certificate.HasPrivateKey);
        Assert.Equal(_own.Thumbprint, certificate.Thumbprint);
        Assert.Equal([_between.Thumbprint], others.Select(static c => c.Thumbprint));
    }

    [Fact]
    public void A_PKCS_12_file_gives_the_one_with_the_key_and_the_others()
    {
        var path = Path.Combine(_folder.FullName, "own.pfx");
        File.WriteAllBytes(path, new X509Certificate2Collection { _between, _own }.Export(X509ContentType.Pkcs12, "secret")!);
        var (certificate, others) = CertificateFiles.ReadWithKey(path, null, "secret");
        Assert.Equal(_own.Thumbprint, certificate.Thumbprint);
        Assert.Equal([_between.Thumbprint], others.Select(static c => c.Thumbprint));
        Assert.True(CertificateFiles.IsFault(Record.Exception(() => CertificateFiles.ReadWithKey(path, null, "wrong"))!));
    }

    [Fact]
    public void Without_a_key_the_fault_says_what_is_missing()
    {
        var path = Path.Combine(_folder.FullName, "own.pfx");
        File.WriteAllBytes(path, new X509Certificate2Collection { _between }.Export(X509ContentType.Pkcs12)!);
        var fault = Assert.Throws<CryptographicException>(() => CertificateFiles.ReadWithKey(path, null, null));
        Assert.Contains("keyPath", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Authorities_are_one_or_more()
    {
        var both = Write("two.pem", _own.ExportCertificatePem() + "\n" + _between.ExportCertificatePem());
        Assert.Equal(2, CertificateFiles.ReadAuthorities(both).Count);
        Assert.Throws<CryptographicException>(() => CertificateFiles.ReadAuthorities(Write("none.pem", "nothing")));
        Assert.True(CertificateFiles.IsFault(
            Record.Exception(() => CertificateFiles.ReadAuthorities(Path.Combine(_folder.FullName, "missing.pem")))!));
        Assert.False(CertificateFiles.IsFault(new InvalidOperationException()));
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static X509Certificate2 Make(string name, ECDsa key)
    {
        var now = TimeProvider.System.GetUtcNow();
        return new CertificateRequest(name, key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
