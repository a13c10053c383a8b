using System.Text;
using EventBroker.Sdk.Settings;
using EventBroker.Transport.Remote.Settings;
using Microsoft.Extensions.Configuration;

namespace EventBroker.Transport.Remote.Tests;

public sealed class SettingsTests
{
    [Theory]
    [InlineData("""{}""", "$.address")]
    [InlineData("""{ "address": "ftp://broker" }""", "$.address")]
    [InlineData("""{ "address": "https://broker/path" }""", "$.address")]
    [InlineData("""{ "address": "https://user:password@broker" }""", "$.address")]
    [InlineData("""{ "address": "http://broker.example:9090" }""", "$.address")]
    [InlineData("""{ "address": "https://broker", "forwardHeaders": [ "x-source" ] }""", "$.forwardHeaders")]
    [InlineData("""{ "address": "https://broker", "forwardHeaders": [ "no header" ] }""", "$.forwardHeaders")]
    [InlineData("""{ "address": "https://broker", "forwardQueryParameters": { "t": "grpc-timeout" } }""", "$.forwardQueryParameters")]
    [InlineData("""{ "address": "https://broker", "token": "a", "tokenFile": "b" }""", "$.tokenFile")]
    [InlineData("""{ "address": "https://broker", "startTimeout": "2m" }""", "$.startTimeout")]
    [InlineData("""{ "address": "https://broker", "keepAlive": { "interval": "1ms" } }""", "$.keepAlive.interval")]
    [InlineData("""{ "address": "https://broker", "tls": { "certificate": { "password": "x" } } }""", "$.tls.certificate.path")]
    public void A_mistake_is_told_with_its_place(string json, string path)
    {
        Assert.Equal([path], Bind(json, out _).Select(static e => e.Path));
    }

    [Theory]
    [InlineData("""{ "address": "http://127.0.0.1:9090" }""")]
    [InlineData("""{ "address": "https://broker.example:8443", "token": "a" }""")]
    [InlineData("""{ "address": "http://broker.example:9090", "forwardHeaders": [] }""")]
    [InlineData("""{ "address": "http://broker.example:9090", "allowCredentialsWithoutTls": true }""")]
    public void Credentials_leave_the_machine_encrypted_or_by_permission(string json)
    {
        Assert.Empty(Bind(json, out var settings));
        Assert.NotNull(settings);
    }

    [Fact]
    public void Without_more_than_an_address_the_authorization_header_is_passed_on()
    {
        Bind("""{ "address": "https://broker" }""", out var settings);

        Assert.Equal(["authorization"], settings!.ForwardHeaders);
        Assert.Empty(settings.ForwardQueryParameters);
    }

    private static List<SettingsError> Bind(string json, out RemoteSettings? settings)
    {
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
        var errors = new List<SettingsError>();
        SettingsBinder.TryBind(configuration, SettingsPath.Root, errors, out settings);
        return errors;
    }
}
