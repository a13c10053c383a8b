using Confluent.Kafka;
using EventBroker.Transport.Kafka.Settings;

namespace EventBroker.Transport.Kafka.Clients;

/// <summary>TLS and SASL as librdkafka wants to be told.</summary>
internal static class ClientSecurity
{
    public static void Apply(ClientConfig config, KafkaSettings settings)
    {
        var (tls, sasl) = (settings.Tls, settings.Sasl);
        config.SecurityProtocol = (tls, sasl) switch
        {
            (null, null) => SecurityProtocol.Plaintext,
            (null, _) => SecurityProtocol.SaslPlaintext,
            (_, null) => SecurityProtocol.Ssl,
            _ => SecurityProtocol.SaslSsl,
        };
        if (tls is not null)
        {
            config.SslCaLocation = tls.AuthoritiesPath;
            config.SslCertificateLocation = tls.CertificatePath;
            config.SslKeyLocation = tls.KeyPath;
            config.SslKeyPassword = tls.KeyPassword;
            config.SslEndpointIdentificationAlgorithm =
                tls.VerifyNames ? SslEndpointIdentificationAlgorithm.Https : SslEndpointIdentificationAlgorithm.None;
        }

        if (sasl is not null)
        {
            config.SaslMechanism = sasl.Mechanism switch
            {
                KafkaSaslMechanism.ScramSha256 => SaslMechanism.ScramSha256,
                KafkaSaslMechanism.Plain => SaslMechanism.Plain,
                KafkaSaslMechanism.OAuthBearer => SaslMechanism.OAuthBearer,
                _ => SaslMechanism.ScramSha512,
            };
            if (sasl.Mechanism != KafkaSaslMechanism.OAuthBearer)
            {
                config.SaslUsername = sasl.User;
                config.SaslPassword = sasl.Password;
            }
        }
    }
}
