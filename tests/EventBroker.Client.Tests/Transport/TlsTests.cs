using System.Security.Cryptography.X509Certificates;
using EventBroker.Client.Tests.Faults;
using EventBroker.Client.Tests.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace EventBroker.Client.Tests.Transport;

public sealed class TlsTests
{
    [Fact]
    public async Task A_broker_with_a_trusted_certificate_is_talked_to_and_another_is_not()
    {
        using var certificates = new Certificates();
        await using var broker = await CreateAsync(new HttpsConnectionAdapterOptions { ServerCertificate = certificates.Server });
        await using var trusting = Clients.Open(broker.Address, o => o.TrustedAuthorities = [certificates.Authority]);
        await using var stranger = Clients.Open(broker.Address, static o => o.Retry.MaxRetries = 0);
        var asked = 0;
        await using var own = Clients.Open(broker.Address, o => o.ServerCertificateValidation = (_, certificate, _, _) =>
        {
            asked++;
            return certificate!.Subject.Equals("CN=localhost", StringComparison.Ordinal);
        });

        Assert.Equal(BrokerHealthStatus.Healthy, (await trusting.CheckHealthAsync()).Status);
        Assert.Equal(BrokerHealthStatus.Healthy, (await own.CheckHealthAsync()).Status);
        Assert.Equal(1, asked);
        await Assert.ThrowsAsync<EventBrokerException>(() => stranger.CheckHealthAsync());
        Assert.Equal(ConnectionState.Disconnected, stranger.State);
    }

    [Fact]
    public async Task An_address_with_https_is_reached_through_the_systems_proxy()
    {
        using var certificates = new Certificates();
        await using var broker = await CreateAsync(new HttpsConnectionAdapterOptions { ServerCertificate = certificates.Server });
        using var proxy = new TunnelProxy(broker.Address.Port);
        var systems = HttpClient.DefaultProxy;
        HttpClient.DefaultProxy = proxy;
        try
        {
            await using var client = Clients.Open(broker.Address, o => o.TrustedAuthorities = [certificates.Authority]);

            Assert.Equal(BrokerHealthStatus.Healthy, (await client.CheckHealthAsync()).Status);
            Assert.Equal(ConnectionState.Connected, client.State);
        }
        finally
        {
            HttpClient.DefaultProxy = systems;
        }

        Assert.Equal(1, proxy.Tunnels);
    }

    [Fact]
    public async Task A_client_proves_itself_with_its_certificate()
    {
        using var certificates = new Certificates();
        var seen = new List<string>();
        await using var broker = await CreateAsync(new HttpsConnectionAdapterOptions
        {
            ServerCertificate = certificates.Server,
            ClientCertificateMode = ClientCertificateMode.RequireCertificate,
            ClientCertificateValidation = (certificate, _, _) =>
            {
                seen.Add(certificate.Subject);
                return true;
            },
        });
        await using var known = Clients.Open(broker.Address, o =>
        {
            o.TrustedAuthorities = [certificates.Authority];
            o.ClientCertificate = certificates.Client;
        });
        await using var unknown = Clients.Open(broker.Address, o =>
        {
            o.TrustedAuthorities = [certificates.Authority];
            o.Retry.MaxRetries = 0;
        });

        await known.RegisterAsync("e");
        await using var subscription = await known.SubscribeAsync("e");
        await known.PublishAsync("e", "m-1");

        Assert.Equal("m-1", (await subscription.NextAsync()).Id);
        Assert.Equal(["CN=worker"], seen.Distinct());
        Assert.Equal(ErrorCode.Unavailable, (await Assert.ThrowsAsync<EventBrokerException>(() => unknown.CheckHealthAsync())).Code);
    }

    [Fact]
    public void A_client_certificate_without_its_key_is_refused()
    {
        using var certificates = new Certificates();
        using var bare = X509CertificateLoader.LoadCertificate(certificates.Client.RawData);

        var exception = Assert.Throws<ArgumentException>(() => Clients.Open(new Uri("https://localhost:1"), o => o.ClientCertificate = bare));

        Assert.Contains("ClientCertificate", exception.Message, StringComparison.Ordinal);
    }

    private static Task<EmbeddedBroker> CreateAsync(HttpsConnectionAdapterOptions https) =>
        EmbeddedBroker.CreateAsync(new EmbeddedBrokerSettings { Https = https });
}
