using System.Text.Json;
using EventBroker.Sdk.Settings;
using EventBroker.Transport.Redis.Settings;
using Microsoft.Extensions.Configuration;

namespace EventBroker.Transport.Redis.Tests;

public sealed class PluginTests
{
    [Fact]
    public async Task The_manifest_names_what_the_code_declares()
    {
        await using var harness = await Harness.ShareServerAsync();
        using var manifest = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "redis.plugin.json")));
        var named = manifest.RootElement.GetProperty("capabilities").EnumerateArray().Select(static c => c.GetString());
        var declared = (await harness.StartHostAsync()).Capabilities.Declared
            .Select(static c => JsonNamingPolicy.KebabCaseLower.ConvertName(c.ToString()));
        Assert.Equal(declared.Order(), named.Order());
        Assert.Equal(
            manifest.RootElement.GetProperty("entryAssembly").GetString(), typeof(RedisTransportPlugin).Assembly.GetName().Name + ".dll");
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("localhost:6379,ssl=true,user=a,password=b,defaultDatabase=2")]
    [InlineData("one:6379,two:6379,serviceName=mymaster")]
    [InlineData("redis://localhost")]
    [InlineData("redis://:only@localhost:1/0")]
    [InlineData("rediss://user:p%40ss@redis.example:6380/15")]
    public void Connection_strings_are_taken_in_both_forms(string text) => Assert.NotNull(Bind(out _, ("connectionString", text)));

    [Theory]
    [InlineData("connectionString", "redis://")]
    [InlineData("connectionString", "redis://localhost/x")]
    [InlineData("connectionString", "localhost:port,nonsense=1")]
    [InlineData("connectionString", ",ssl=true")]
    [InlineData("keyPrefix", "a{b}")]
    [InlineData("retention", "10ms")]
    [InlineData("deduplicationWindow", "100ms")]
    [InlineData("idleLimit", "2h")]
    [InlineData("replicas", "11")]
    public void A_wrong_setting_is_reported_by_its_key(string key, string value)
    {
        Bind(out var errors, ("connectionString", "localhost"), (key, value));
        Assert.Contains(key, Assert.Single(errors).Path, StringComparison.Ordinal);
    }

    [Fact]
    public void The_connection_string_is_required_and_no_fault_shows_a_password()
    {
        Bind(out var errors);
        Assert.Contains("connectionString", Assert.Single(errors).Path, StringComparison.Ordinal);
        Bind(out errors, ("connectionString", "redis://user:hidden@localhost/x"));
        Assert.DoesNotContain("hidden", Assert.Single(errors).Message, StringComparison.Ordinal);
    }

    private static RedisSettings? Bind(out List<SettingsError> errors, params (string Key, string Value)[] settings)
    {
        errors = [];
        var values = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (key, value) in settings)
        {
            values[key] = value;
        }

        var configuration = new ConfigurationBuilder().AddInMemoryCollection(values).Build();
        SettingsBinder.TryBind<RedisSettings>(configuration, "settings", errors, out var bound);
        return errors.Count == 0 ? bound : null;
    }
}
