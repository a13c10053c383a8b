using System.Security.Cryptography;
using EventBroker.Sdk.Errors;
using EventBroker.Transport.Kafka.Settings;
using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Kafka.Tests.Security;

// What an operator of Kafka asks of its clients, asked by a proxy before the mock cluster.
public sealed class SecurityTests
{
    private const string Password = "user-secret";
    private const string Token = "token-secret";

    [Theory]
    [InlineData(KafkaSaslMechanism.Plain)]
    [InlineData(KafkaSaslMechanism.ScramSha256)]
    [InlineData(KafkaSaslMechanism.ScramSha512)]
    [InlineData(KafkaSaslMechanism.OAuthBearer)]
    public async Task Whoever_shows_what_is_asked_for_by_sasl_is_let_in(KafkaSaslMechanism mechanism)
    {
        using var files = new SecretFiles();
        await using var harness = await Harness.ShareClusterAsync(LogLevel.Debug);
        await using var proxy = new ClusterProxy(harness.Cluster.BootstrapServers, sasl: () => Server(mechanism));
        await ExchangeAsync(harness, proxy, s => s.Sasl = Client(mechanism, files.Write("token", Token)));
        CheckSecrets(harness);
    }

    [Theory]
    [InlineData(KafkaSaslMechanism.Plain)]
    [InlineData(KafkaSaslMechanism.ScramSha512)]
    [InlineData(KafkaSaslMechanism.OAuthBearer)]
    public async Task Whoever_is_refused_by_sasl_is_told_so_without_the_secret(KafkaSaslMechanism mechanism)
    {
        using var files = new SecretFiles();
        await using var harness = await Harness.ShareClusterAsync(LogLevel.Debug);
        await using var proxy = new ClusterProxy(harness.Cluster.BootstrapServers, sasl: () => Server(mechanism, "another one"));
        var failure = await Assert.ThrowsAsync<BrokerException>(
            () => StartAsync(harness, proxy, s => s.Sasl = Client(mechanism, files.Write("token", Token))));
        Assert.Equal(BrokerErrorCode.Unavailable, failure.Code);
        Assert.DoesNotContain("secret", failure.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, proxy.Admitted);
        CheckSecrets(harness);
    }

    [Fact]
    public async Task Tls_with_a_certificate_of_a_trusted_authority_is_spoken_and_sasl_within_it()
    {
        using var files = new SecretFiles();
        await using var harness = await Harness.ShareClusterAsync(LogLevel.Debug);
        await using var proxy = new ClusterProxy(
            harness.Cluster.BootstrapServers, files.MakeServer(), sasl: static () => Server(KafkaSaslMechanism.ScramSha512));
        await ExchangeAsync(harness, proxy, s =>
        {
            s.Tls = new KafkaTlsSettings { AuthoritiesPath = files.Authority };
            s.Sasl = Client(KafkaSaslMechanism.ScramSha512, null);
        });
    }

    [Fact]
    public async Task A_client_certificate_is_shown_and_its_keys_password_is_told_to_nobody()
    {
        using var files = new SecretFiles();
        var (certificate, certificatePath, keyPath) = files.MakeClient();
        await using var harness = await Harness.ShareClusterAsync(LogLevel.Debug);
        await using var proxy = new ClusterProxy(harness.Cluster.BootstrapServers, files.MakeServer(), certificate);
        await ExchangeAsync(harness, proxy, s => s.Tls = new KafkaTlsSettings
        {
            AuthoritiesPath = files.Authority,
            CertificatePath = certificatePath,
            KeyPath = keyPath,
            KeyPassword = SecretFiles.KeyPassword,
        });
        CheckSecrets(harness);
    }

    [Theory]
    [InlineData(true, "127.0.0.1")]
    [InlineData(false, "127.0.0.2")]
    public async Task A_certificate_of_another_authority_or_for_another_name_is_not_trusted(bool isOtherAuthority, string address)
    {
        using var files = new SecretFiles();
        await using var harness = await Harness.ShareClusterAsync(LogLevel.Debug);
        await using var proxy = new ClusterProxy(harness.Cluster.BootstrapServers, files.MakeServer(address));
        var tls = new KafkaTlsSettings { AuthoritiesPath = isOtherAuthority ? files.OtherAuthority : files.Authority };
        var failure = await Assert.ThrowsAsync<BrokerException>(() => StartAsync(harness, proxy, s => s.Tls = tls));
        Assert.Equal(BrokerErrorCode.Unavailable, failure.Code);
        if (!isOtherAuthority)
        {
            tls.VerifyNames = false;
            await ExchangeAsync(harness, proxy, s => s.Tls = tls);
        }
    }

    // Its file is read anew before it ends: here it is gone then, which the log tells.
    [Fact]
    public async Task A_token_is_read_anew_before_it_ends()
    {
        using var files = new SecretFiles();
        var path = files.Write("token", Token);
        await using var harness = await Harness.ShareClusterAsync(LogLevel.Debug);
        await using var proxy = new ClusterProxy(harness.Cluster.BootstrapServers, sasl: static () => Server(KafkaSaslMechanism.OAuthBearer));
        await StartAsync(harness, proxy, s =>
        {
            s.Sasl = Client(KafkaSaslMechanism.OAuthBearer, path);
            s.Sasl.TokenLifetime = TimeSpan.FromSeconds(2);
        });
        File.Delete(path);
        await Harness.UntilAsync(() => Task.FromResult(
            harness.Log.Lines.Any(l => l.Contains("can't be used", StringComparison.Ordinal) && l.Contains(path, StringComparison.Ordinal))));
        CheckSecrets(harness);
    }

    private static ISaslServer Server(KafkaSaslMechanism mechanism, string? secret = null) => mechanism switch
    {
        KafkaSaslMechanism.Plain => FixedSaslServer.Plain("user", secret ?? Password),
        KafkaSaslMechanism.ScramSha256 => new ScramServer(HashAlgorithmName.SHA256, "user", secret ?? Password),
        KafkaSaslMechanism.ScramSha512 => new ScramServer(HashAlgorithmName.SHA512, "user", secret ?? Password),
        _ => FixedSaslServer.OAuthBearer(secret ?? Token),
    };

    private static KafkaSaslSettings Client(KafkaSaslMechanism mechanism, string? tokenPath) => mechanism == KafkaSaslMechanism.OAuthBearer
        ? new KafkaSaslSettings { Mechanism = mechanism, TokenPath = tokenPath }
        : new KafkaSaslSettings { Mechanism = mechanism, User = "user", Password = Password };

    // Everything that librdkafka has to say is written down.
    private static Task<KafkaTransport> StartAsync(Harness harness, ClusterProxy proxy, Action<KafkaSettings> change) => harness.StartHostAsync(s =>
    {
        s.BootstrapServers = proxy.BootstrapServers;
        s.Librdkafka["debug"] = "broker,security,conf";
        change(s);
    });

    private static async Task ExchangeAsync(Harness harness, ClusterProxy proxy, Action<KafkaSettings> change)
    {
        var host = await StartAsync(harness, proxy, change);
        await harness.Cluster.CreateTopicAsync(harness.Prefix + "e");
        var worker = await Harness.JoinAsync(host);
        await harness.PublishAsync(host, "a");
        Assert.Equal("a", await worker.CompleteNextAsync());
        Assert.InRange(proxy.Admitted, 3, int.MaxValue);
    }

    private static void CheckSecrets(Harness harness)
    {
        Assert.Contains(harness.Log.Lines, static l => l.Contains("librdkafka", StringComparison.Ordinal));
        Assert.DoesNotContain(harness.Log.Lines, static l => l.Contains("secret", StringComparison.Ordinal));
    }
}
