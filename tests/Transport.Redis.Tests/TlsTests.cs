using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Redis.Settings;
using EventBroker.Transport.Redis.Tests.Servers;

namespace EventBroker.Transport.Redis.Tests;

/// <summary>A server that talks TLS and wants to know who calls, with certificates of an authority that nobody else knows.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("eventbroker-redis-tls-");

    public TlsTests()
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        var request = new CertificateRequest("CN=Test Authority", authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(Path("ca.pem"), authority.ExportCertificatePem());
        Issue("server", "CN=redis");
        Issue("client", "CN=broker");

        void Issue(string name, string subject)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var own = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(IPAddress.Loopback);
            own.CertificateExtensions.Add(names.Build());
            using var certificate = own.Create(authority, now.AddDays(-1), now.AddDays(1), RandomNumberGenerator.GetBytes(8));
            File.WriteAllText(Path(name + ".pem"), certificate.ExportCertificatePem());
            File.WriteAllText(Path(name + ".key"), key.ExportPkcs8PrivateKeyPem());
        }
    }

    [Fact]
    public async Task With_a_certificate_a_user_and_a_password_everything_works_over_tls()
    {
        await using var server = await StartAsync();
        await using var harness = Harness.Over(server);
        var host = await harness.StartHostAsync(s =>
        {
            s.ConnectionString = $"rediss://{server.Address}/1";
            (s.User, s.Password) = ("broker", "secret");
            s.Tls = Tls();
        });
        await host.RegisterAsync("e", EventOptions.None, CancellationToken.None);
        var worker = await Harness.JoinAsync(host, "e");
        await harness.PublishAsync(host, "e", "a");
        Assert.Equal("a", await worker.CompleteNextAsync());
        Assert.Equal(TransportHealthStatus.Healthy, (await host.CheckHealthAsync(CancellationToken.None)).Status);
    }

    [Fact]
    public async Task A_server_whose_authority_nobody_knows_is_refused_with_what_to_set()
    {
        await using var server = await StartAsync();
        await using var harness = Harness.Over(server);
        var failure = await Assert.ThrowsAsync<BrokerException>(() => harness.StartHostAsync(s =>
            (s.ConnectionString, s.Password) = ($"rediss://{server.Address}", "secret")));
        Assert.Equal(BrokerErrorCode.Unavailable, failure.Code);
        Assert.Contains("tls.authoritiesPath", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_can_not_be_used_is_named()
    {
        await using var harness = await Harness.ShareServerAsync();
        var failure = await Assert.ThrowsAsync<BrokerException>(() => harness.StartHostAsync(s =>
            (s.ConnectionString, s.Tls) = ("rediss://127.0.0.1:1", new RedisTlsSettings { AuthoritiesPath = Path("none.pem") })));
        Assert.Equal(BrokerErrorCode.InvalidArgument, failure.Code);
        Assert.Contains("tls.authoritiesPath", failure.Message, StringComparison.Ordinal);
        Assert.Contains("none.pem", failure.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private RedisTlsSettings Tls() =>
        new() { AuthoritiesPath = Path("ca.pem"), CertificatePath = Path("client.pem"), KeyPath = Path("client.key") };

    private Task<RedisServer> StartAsync() => RedisServer.StartAsync(
        "--port", "0", "--tls-port", RedisServer.PortMark, "--tls-cert-file", Path("server.pem"), "--tls-key-file", Path("server.key"),
        "--tls-ca-cert-file", Path("ca.pem"), "--tls-auth-clients", "yes", "--user", "broker", "on", ">secret", "~*", "&*", "+@all");

    private string Path(string file) => System.IO.Path.Combine(_folder.FullName, file);
}
