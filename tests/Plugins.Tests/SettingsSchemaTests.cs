extern alias jetstream;
extern alias log;

using System.Text.Json;
using EventBroker.Auth.Roles;
using EventBroker.Host.Configuration;
using EventBroker.Interceptor.Logging;
using EventBroker.Transport.Kafka.Settings;
using EventBroker.Transport.Memory;
using EventBroker.Transport.Nats.Settings;
using EventBroker.Transport.Redis.Settings;
using EventBroker.Transport.Remote.Settings;
using JetStreamSettings = jetstream::EventBroker.Transport.JetStream.Settings.JetStreamSettings;

namespace Plugins.Tests;

public sealed class SettingsSchemaTests
{
    // What the schema has under a name is what the class takes: no more, or an editor would propose a mistake; no less,
    // or it would mark what is right.
    [Theory]
    [InlineData("memory", typeof(MemorySettings))]
    [InlineData("remote", typeof(RemoteSettings))]
    [InlineData("remote/keepAlive", typeof(KeepAliveSettings))]
    [InlineData("remote/tls", typeof(TlsSettings))]
    [InlineData("remote/tls/certificate", typeof(EventBroker.Transport.Remote.Settings.ClientCertificateSettings))]
    [InlineData("nats", typeof(NatsTransportSettings))]
    [InlineData("jetstream", typeof(JetStreamSettings))]
    [InlineData("natsTls", typeof(jetstream::EventBroker.Nats.Settings.NatsTlsSettings))]
    [InlineData("log", typeof(log::EventBroker.Transport.Log.LogSettings))]
    [InlineData("redis", typeof(RedisSettings))]
    [InlineData("redis/tls", typeof(RedisTlsSettings))]
    [InlineData("kafka", typeof(KafkaSettings))]
    [InlineData("kafka/tls", typeof(KafkaTlsSettings))]
    [InlineData("kafka/sasl", typeof(KafkaSaslSettings))]
    [InlineData("roles", typeof(RolesSettings))]
    [InlineData("roles/rules/items", typeof(RoleRule))]
    [InlineData("logging", typeof(EventBroker.Interceptor.Logging.LoggingSettings))]
    [InlineData("/", typeof(HostConfiguration))]
    [InlineData("/listen", typeof(ListenSettings))]
    [InlineData("/listen/certificate", typeof(CertificateSettings))]
    [InlineData("/listen/clientCertificates", typeof(EventBroker.Host.Configuration.ClientCertificateSettings))]
    [InlineData("/limits", typeof(LimitsSettings))]
    [InlineData("/delivery", typeof(DeliverySettings))]
    [InlineData("/logging", typeof(EventBroker.Host.Configuration.LoggingSettings))]
    public void The_schema_has_the_keys_of_the_settings_class(string place, Type type)
    {
        using var schema = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "plugins.schema.json")));

        var keys = Find(schema.RootElement, place).GetProperty("properties").EnumerateObject()
            .Select(static p => p.Name).Where(static n => n != "$schema").Order(StringComparer.Ordinal);

        Assert.Equal(
            type.GetProperties().Select(static p => JsonNamingPolicy.CamelCase.ConvertName(p.Name)).Where(static n => n != "schema").Order(StringComparer.Ordinal),
            keys);
    }

    private static JsonElement Find(JsonElement root, string place)
    {
        var element = place[0] == '/' ? root : root.GetProperty("$defs");
        foreach (var part in place.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            element = element.TryGetProperty("properties", out var properties) ? properties.GetProperty(part) : element.GetProperty(part);
        }

        return element;
    }
}
