using EventBroker.Nats.Tests;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using NATS.NKeys;

namespace EventBroker.Transport.Nats.Tests;

// Each way to log in, against a server that demands it: right, and wrong. The connection is the same source in both transports over NATS.
public sealed class AuthenticationTests
{
    [Fact]
    public async Task User_and_password()
    {
        await using var server = await NatsServer.StartConfiguredAsync("authorization { user: u, password: right }");
        await IsLetInAsync(server.Address, static s => (s.User, s.Password) = ("u", "right"));
        await IsRefusedAsync(server.Address, static s => (s.User, s.Password) = ("u", "wrong"));
    }

    [Fact]
    public async Task A_token()
    {
        await using var server = await NatsServer.StartConfiguredAsync("authorization { token: right }");
        await IsLetInAsync(server.Address, static s => s.Token = "right");
        await IsRefusedAsync(server.Address, static s => s.Token = "wrong");
        await IsRefusedAsync(server.Address, static _ => { });
    }

    [Fact]
    public async Task An_NKey()
    {
        using var user = KeyPair.CreatePair(PrefixByte.User);
        using var other = KeyPair.CreatePair(PrefixByte.User);
        await using var server = await NatsServer.StartConfiguredAsync($"authorization {{ users: [ {{ nkey: {user.GetPublicKey()} }} ] }}");
        await IsLetInAsync(server.Address, s => s.NKeySeed = user.GetSeed());
        await IsRefusedAsync(server.Address, s => s.NKeySeed = other.GetSeed());
    }

    [Fact]
    public async Task A_credentials_file()
    {
        using var tree = new JwtTree();
        await using var server = await NatsServer.StartConfiguredAsync(tree.ServerConfiguration);
        var right = Path.Combine(server.Folder, "right.creds");
        var wrong = Path.Combine(server.Folder, "wrong.creds");
        await File.WriteAllTextAsync(right, tree.Credentials);
        using var stranger = new JwtTree();
        await File.WriteAllTextAsync(wrong, stranger.Credentials);
        await IsLetInAsync(server.Address, s => s.CredentialsFile = right);
        await IsRefusedAsync(server.Address, s => s.CredentialsFile = wrong);
    }

    [Fact]
    public async Task TLS_with_an_authority_of_its_own_and_a_client_certificate()
    {
        using var folder = new TlsFiles();
        await using var server = await NatsServer.StartConfiguredAsync(
            $$"""
            tls { cert_file: "{{folder.Server}}", key_file: "{{folder.ServerKey}}", ca_file: "{{folder.Authority}}", verify: true }
            """);
        await IsLetInAsync(server.Address, s =>
        {
            s.Tls.AuthoritiesPath = folder.Authority;
            (s.Tls.CertificatePath, s.Tls.KeyPath) = (folder.Client, folder.ClientKey);
        });

        // Without a certificate it gets no connection, which is no refusal that could be told apart: it goes on trying.
        await using var without = await NatsTransports.StartAsync(server.Address, s =>
        {
            s.Tls.AuthoritiesPath = folder.Authority;
            s.StartTimeout = TimeSpan.FromSeconds(1);
        });
        Assert.Equal(TransportHealthStatus.Unhealthy, (await without.CheckHealthAsync(CancellationToken.None)).Status);
    }

    private static async Task IsLetInAsync(string address, Action<Settings.NatsTransportSettings> change)
    {
        await using var transport = await NatsTransports.StartAsync(address, change);
        Assert.Equal(TransportHealthStatus.Healthy, (await transport.CheckHealthAsync(CancellationToken.None)).Status);
    }

    private static async Task IsRefusedAsync(string address, Action<Settings.NatsTransportSettings> change)
    {
        var refusal = await Assert.ThrowsAsync<BrokerException>(() => NatsTransports.StartAsync(address, s =>
        {
            s.StartTimeout = TimeSpan.FromSeconds(30);
            change(s);
        }));
        Assert.Equal(BrokerErrorCode.Unauthenticated, refusal.Code);
        Assert.Contains("credentialsFile", refusal.Message, StringComparison.Ordinal);
    }
}
