using System.Text.Json;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Settings;
using EventBroker.Transport.Kafka.Settings;
using Microsoft.Extensions.Configuration;

namespace EventBroker.Transport.Kafka.Tests;

public sealed class PluginTests
{
    [Fact]
    public async Task The_manifest_names_what_the_code_declares()
    {
        await using var harness = await Harness.ShareClusterAsync();
        using var manifest = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "kafka.plugin.json")));
        var named = manifest.RootElement.GetProperty("capabilities").EnumerateArray().Select(static c => c.GetString());
        var declared = (await harness.StartHostAsync()).Capabilities.Declared
            .Select(static c => JsonNamingPolicy.KebabCaseLower.ConvertName(c.ToString()));
        Assert.Equal(declared.Order(), named.Order());
        Assert.Equal(
            manifest.RootElement.GetProperty("entryAssembly").GetString(), typeof(KafkaTransportPlugin).Assembly.GetName().Name + ".dll");
    }

    [Theory]
    [InlineData("topicPrefix", "a b")]
    [InlineData("groupPrefix", "")]
    [InlineData("partitions", "0")]
    [InlineData("sessionTimeout", "10ms")]
    [InlineData("commitInterval", "1h")]
    [InlineData("librdkafka:enable.auto.commit", "true")]
    [InlineData("producer:acks", "1")]
    [InlineData("consumer:group.id", "x")]
    [InlineData("sasl:mechanism", "plain")]
    [InlineData("sasl:mechanism", "nonsense")]
    public void A_wrong_setting_is_reported_by_its_key(string key, string value)
    {
        Bind(out var errors, ("bootstrapServers", "localhost"), (key, value));
        Assert.Contains(key.Split(':')[0], Assert.Single(errors).Path, StringComparison.Ordinal);
    }

    [Fact]
    public void The_bootstrap_servers_are_required_and_all_else_is_not()
    {
        Bind(out var errors);
        Assert.Contains("bootstrapServers", Assert.Single(errors).Path, StringComparison.Ordinal);
        Assert.NotNull(Bind(out _, ("bootstrapServers", "localhost:9092")));
    }

    [Fact]
    public async Task What_librdkafka_refuses_is_told_by_its_name()
    {
        await using var harness = await Harness.ShareClusterAsync();
        var failure = await Assert.ThrowsAsync<BrokerException>(() => harness.StartHostAsync(static s => s.Librdkafka["no.such.setting"] = "1"));
        Assert.Equal(BrokerErrorCode.InvalidArgument, failure.Code);
        Assert.Contains("no.such.setting", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_that_does_not_answer_fails_the_start_unless_the_broker_may_start_without_it()
    {
        await using var harness = await Harness.OwnClusterAsync();
        await harness.Cluster.SetDownAsync();
        var failure = await Assert.ThrowsAsync<BrokerException>(() => harness.StartHostAsync(Impatient));
        Assert.Equal(BrokerErrorCode.Unavailable, failure.Code);
        Assert.Contains("startWithoutKafka", failure.Message, StringComparison.Ordinal);
        var host = await harness.StartHostAsync(static s =>
        {
            Impatient(s);
            s.StartWithoutKafka = true;
        });
        await harness.Cluster.SetUpAsync();
        await Harness.UntilAsync(async () => (await host.CheckHealthAsync(default)).Status == Sdk.Transports.TransportHealthStatus.Healthy);

        static void Impatient(KafkaSettings settings) => (settings.StartTimeout, settings.Timeout) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    private static KafkaSettings? Bind(out List<SettingsError> errors, params (string Key, string Value)[] settings)
    {
        errors = [];
        var values = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (key, value) in settings)
        {
            values[key] = value;
        }

        var configuration = new ConfigurationBuilder().AddInMemoryCollection(values).Build();
        SettingsBinder.TryBind<KafkaSettings>(configuration, "settings", errors, out var bound);
        return errors.Count == 0 ? bound : null;
    }
}
