using System.Net;

namespace EventBroker.PluginHosting.Tests.Process;

// From where the host lets itself be called.
public sealed class HostDoorTests : IDisposable
{
    private const string Loopback = "\"listen\": { \"grpc\": \"http://127.0.0.1:0\", \"http\": \"http://127.0.0.1:0\" }";
    private const string Memory = "\"transports\": { \"local\": { \"plugin\": \"memory\" } }, \"routes\": [ { \"events\": \"*\", \"transport\": \"local\" } ]";
    private const string AllowAll = "\"authorizers\": [ { \"plugin\": \"allow-all\" } ]";

    private readonly FixtureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Roles_on_an_address_other_than_loopback_need_proxies_or_a_secret()
    {
        const string Open = "\"listen\": { \"grpc\": \"http://127.0.0.1:0\", \"http\": \"http://0.0.0.0:0\" }";
        const string Rules = "\"rules\": [ { \"role\": \"ops\", \"operations\": [ \"*\" ] } ]";

        await using var refused = Start($$"""{ {{Open}}, {{Memory}}, "authorizers": [ { "plugin": "roles", "settings": { {{Rules}} } } ] }""");
        var (exitCode, errors) = await refused.WaitForExitAsync();
        await using var host = Start($$"""{ {{Open}}, {{Memory}}, "authorizers": [ { "plugin": "roles", "settings": { "proxies": [ "10.1.2.3" ], {{Rules}} } } ] }""");
        await host.WaitUntilReadyAsync();
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{host.AddressOf("REST, WebSocket, SSE").Port}") };
        client.DefaultRequestHeaders.Add("X-Role", "ops");

        Assert.Equal(1, exitCode);
        Assert.Contains("$.authorizers[0]: roles would be asked to believe everybody who reaches http://0.0.0.0:0 ($.listen.http)", errors, StringComparison.Ordinal);
        Assert.Contains("settings.proxies", errors, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/v1/events")).StatusCode);
    }

    [Theory]
    [InlineData("", "localhost:1", HttpStatusCode.OK)]
    [InlineData("", "[::1]:1", HttpStatusCode.OK)]
    [InlineData("", "evil.example", HttpStatusCode.BadRequest)]
    [InlineData("\"allowedHosts\": [ \"*.example.com\", \"broker\" ],", "broker:8080", HttpStatusCode.OK)]
    [InlineData("\"allowedHosts\": [ \"*.example.com\", \"broker\" ],", "a.example.com", HttpStatusCode.OK)]
    [InlineData("\"allowedHosts\": [ \"*.example.com\", \"broker\" ],", "127.0.0.1", HttpStatusCode.BadRequest)]
    [InlineData("\"allowedHosts\": [ \"*\" ],", "evil.example", HttpStatusCode.OK)]
    public async Task A_request_names_a_host_that_the_broker_goes_by(string setting, string name, HttpStatusCode expected)
    {
        await using var host = Start($"{{ {setting} {Loopback}, {Memory}, {AllowAll} }}");
        await host.WaitUntilReadyAsync();
        using var client = new HttpClient { BaseAddress = host.AddressOf("REST, WebSocket, SSE") };

        foreach (var path in new[] { "/v1/events", "/readyz" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Host = name;
            using var response = await client.SendAsync(request);
            Assert.Equal(expected, response.StatusCode);
        }
    }

    private HostProcess Start(string json, params (string Name, string Value)[] variables)
    {
        var file = Path.Combine(_folder.Root, "plugins.json");
        File.WriteAllText(file, json);
        return HostProcess.Start(_folder.Root, ["--config", file], variables);
    }
}
