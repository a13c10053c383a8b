using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace EventBroker.PluginHosting.Tests.Process;

public sealed class HostStartTests : IDisposable
{
    private const string Loopback = "\"listen\": { \"grpc\": \"http://127.0.0.1:0\", \"http\": \"http://127.0.0.1:0\" }";
    private const string Memory = "\"transports\": { \"local\": { \"plugin\": \"memory\" } }, \"routes\": [ { \"events\": \"*\", \"transport\": \"local\" } ]";
    private const string AllowAll = "\"authorizers\": [ { \"plugin\": \"allow-all\" } ]";

    private readonly FixtureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_banner_shows_addresses_plugins_capabilities_and_lines_to_try_and_the_broker_serves_until_it_is_terminated()
    {
        await using var host = Start($"{{ {Loopback}, {Memory}, {AllowAll} }}");
        await host.WaitUntilReadyAsync();
        var http = host.AddressOf("REST, WebSocket, SSE");
        using var client = new HttpClient { BaseAddress = http };

        Assert.NotEqual(0, http.Port);
        Assert.NotEqual(0, host.AddressOf("gRPC (HTTP/2 without TLS)").Port);
        Assert.Contains("local (memory): at least once", host.Output, StringComparison.Ordinal);
        Assert.Matches(@"memory 0\.1\.0 +Active +local", host.Output);
        Assert.Matches(@"roles 0\.1\.0 +Disabled +not named in plugins\.json", host.Output);
        Assert.Contains($"curl -X POST http://127.0.0.1:{http.Port}/v1/events/hello", host.Output, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/readyz")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.PostAsync("/v1/events/hello", null)).StatusCode);

        host.Terminate();
        var (exitCode, errors) = await host.WaitForExitAsync();

        Assert.Equal(0, exitCode);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task A_start_that_is_logged_as_JSON_tells_what_the_transports_can_do()
    {
        await using var host = Start($"{{ {Loopback}, {Memory}, {AllowAll}, \"logging\": {{ \"format\": \"json\" }} }}");
        await host.WaitUntilReadyAsync();

        var line = host.Output.Split('\n').Single(static l => l.Contains("\"Id\":3004", StringComparison.Ordinal));
        using var entry = JsonDocument.Parse(line);

        var told = entry.RootElement;
        Assert.Equal("local", told.GetProperty("Name").GetString());
        Assert.Equal("memory", told.GetProperty("Plugin").GetString());
        Assert.Equal("at least once", told.GetProperty("Guarantee").GetString());
        Assert.Contains("worker groups", told.GetProperty("Native").GetString(), StringComparison.Ordinal);
        Assert.Equal("durable, deduplication, ordering keys, delayed publish", told.GetProperty("Unsupported").GetString());
    }

    [Fact]
    public async Task Without_an_authorizer_every_call_is_denied()
    {
        await using var host = Start($"{{ {Loopback}, {Memory} }}");
        await host.WaitUntilReadyAsync();
        using var client = new HttpClient { BaseAddress = host.AddressOf("REST, WebSocket, SSE") };

        Assert.Equal(HttpStatusCode.Forbidden, (await client.PostAsync("/v1/events/hello", null)).StatusCode);
        Assert.Contains("every call is denied", host.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://[::]:0")]
    [InlineData("http://*:0")]
    [InlineData("http://+:0")]
    [InlineData("http://broker.example:0")]
    public async Task Allow_all_on_an_address_other_than_loopback_is_refused(string address)
    {
        var errors = await FailAsync($$"""{ "listen": { "grpc": "http://127.0.0.1:0", "http": "{{address}}" }, {{Memory}}, {{AllowAll}} }""");

        Assert.Contains("$.authorizers[0]: allow-all would let everybody", errors, StringComparison.Ordinal);
        Assert.Contains("\"iKnowThisIsOpen\": true", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Allow_all_on_an_open_address_starts_when_the_operator_says_so()
    {
        await using var host = Start(
            $$"""{ "listen": { "grpc": "http://127.0.0.1:0", "http": "http://0.0.0.0:0" }, {{Memory}}, "authorizers": [ { "plugin": "allow-all", "iKnowThisIsOpen": true } ] }""");

        await host.WaitUntilReadyAsync();

        Assert.Contains("http://0.0.0.0:", host.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", "", "")]
    [InlineData("0.0.0.0", "", "00:00:05")]
    [InlineData("0.0.0.0", "\"lameDuck\": \"0s\",", "")]
    [InlineData("127.0.0.1", "\"lameDuck\": \"1s\",", "00:00:01")]
    public async Task A_host_that_others_may_reach_goes_on_for_a_while_when_it_is_told_to_stop(string address, string setting, string time)
    {
        await using var host = Start(
            $$"""{ {{setting}} "listen": { "grpc": "http://127.0.0.1:0", "http": "http://{{address}}:0" }, {{Memory}}, "authorizers": [ { "plugin": "allow-all", "iKnowThisIsOpen": true } ] }""");
        await host.WaitUntilReadyAsync();

        host.Terminate();
        await host.WaitForLineAsync("Draining");

        Assert.Equal(time.Length > 0, host.Output.Contains("Told to stop", StringComparison.Ordinal));
        Assert.Contains(time.Length > 0 ? $"serving on for {time} " : "Draining", host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_mistakes_of_the_file_are_told_at_once()
    {
        var errors = await FailAsync($$"""
            {
              "listen": { "http": "ftp://x", "prot": 1 }, "limits": { "maxMessageBytes": "1GiB" }, "delivery": { "ackTimeout": "13h" },
              "heartbeat": "30", "allowedOrigins": [ "https://a.example/path" ], "allowedHosts": [ "https://a.example", "a:80", "" ], "logging": { "format": "xml" },
              "transports": { "local": { "plugin": "memory", "settings": { "retention": "ten", "maxBytes": 1 } } },
              "routes": [ { "events": "*", "transport": "locla" } ],
              "authorizers": [ { "plugin": "allow-none" } ]
            }
            """);

        foreach (var path in new[]
        {
            "$.listen.http", "$.listen.prot", "$.limits.maxMessageBytes", "$.delivery.ackTimeout", "$.heartbeat", "$.allowedOrigins[0]", "$.allowedHosts[0]", "$.allowedHosts[1]", "$.allowedHosts[2]", "$.logging.format",
            "$.transports.local.settings.retention", "$.transports.local.settings.maxBytes", "$.routes[0].transport", "$.authorizers[0].plugin",
        })
        {
            Assert.Contains($"  {path}: ", errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_syntax_error_is_told_with_its_place()
    {
        var errors = await FailAsync("{\n  \"routes\": [ }\n}");

        Assert.Contains("plugins.json has mistakes", errors, StringComparison.Ordinal);
        Assert.Contains("syntax error in line 2, column 15", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mistake_in_an_environment_variable_names_the_variable()
    {
        var errors = await FailAsync(
            $"{{ {Loopback}, {Memory}, {AllowAll} }}", ("EVENTBROKER_transports__local__settings__retention", "soon"));

        Assert.Contains("$.transports.local.settings.retention", errors, StringComparison.Ordinal);
        Assert.Contains("EVENTBROKER_transports__local__settings__retention)", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Variables_that_container_platforms_set_for_everybody_stop_no_start()
    {
        await using var host = Start(
            $"{{ {Loopback}, {Memory}, {AllowAll} }}",
            ("Logging__LogLevel__Default", "Information"), ("LIMITS__CPU", "2"), ("HEARTBEAT", "1"), ("transports__local__plugin", "nothing"), ("ASPNETCORE_URLS", "http://+:80"));

        await host.WaitUntilReadyAsync();

        Assert.Matches(@"memory 0\.1\.0 +Active +local", host.Output);
    }

    [Fact]
    public async Task A_file_that_does_not_exist_is_named()
    {
        await using var host = HostProcess.Start(_folder.Root, ["--config", "nowhere.json"]);

        var (exitCode, errors) = await host.WaitForExitAsync();

        Assert.Equal(1, exitCode);
        Assert.Contains($"{Path.Combine(_folder.Root, "nowhere.json")}, named by --config, does not exist.", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_file_can_be_named_by_an_environment_variable()
    {
        File.WriteAllText(Path.Combine(_folder.Root, "my.json"), "[]");
        await using var host = HostProcess.Start(_folder.Root, [], ("EVENTBROKER_CONFIG", "my.json"));

        var (exitCode, errors) = await host.WaitForExitAsync();

        Assert.Equal(1, exitCode);
        Assert.Contains("my.json has mistakes", errors, StringComparison.Ordinal);
        Assert.Contains("$: must be an object", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        var errors = await FailAsync(
            $$"""{ "listen": { "grpc": "http://127.0.0.1:0", "http": "http://127.0.0.1:{{port}}" }, {{Memory}}, {{AllowAll}} }""");

        Assert.Contains($"http://127.0.0.1:{port}: address already in use", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plugin_that_does_not_start_stops_the_host()
    {
        _folder.Add("ThrowsOnCreate");
        FixtureFolder.CopyTree(Path.Combine(Path.GetDirectoryName(HostProcess.Binary)!, "plugins", "memory"), Path.Combine(_folder.Plugins, "memory"));

        var errors = await FailAsync(
            $$"""{ {{Loopback}}, {{Memory}}, "pluginsDirectory": "{{_folder.Plugins}}", "authorizers": [ { "plugin": "throws-on-create" } ] }""");

        Assert.Contains("$.authorizers[0]: plugin 'throws-on-create'", errors, StringComparison.Ordinal);
        Assert.Contains("InvalidOperationException: the backend is not there", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Https_without_a_certificate_is_refused()
    {
        var errors = await FailAsync($$"""{ "listen": { "https": "https://127.0.0.1:0" }, {{Memory}}, {{AllowAll}} }""");

        Assert.Contains("$.listen.certificate: is required by https", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_certificate_one_port_serves_HTTP_1_and_HTTP_2()
    {
        var certificate = TestCertificate.Write(_folder.Root);
        await using var host = Start($$"""
            { "listen": { "https": "https://127.0.0.1:0", "certificate": { "path": "{{certificate}}", "password": "secret" } }, {{Memory}}, {{AllowAll}} }
            """);
        await host.WaitUntilReadyAsync();
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = TestCertificate.Trust(certificate);
        using var client = new HttpClient(handler) { BaseAddress = host.AddressOf("gRPC, REST, WebSocket, SSE") };

        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/readyz") { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            using var response = await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(version, response.Version);
        }
    }

    private HostProcess Start(string json, params (string Name, string Value)[] variables)
    {
        var file = Path.Combine(_folder.Root, "plugins.json");
        File.WriteAllText(file, json);
        return HostProcess.Start(_folder.Root, ["--config", file], variables);
    }

    // What the host says on standard error: one message, no stack trace.
    private async Task<string> FailAsync(string json, params (string Name, string Value)[] variables)
    {
        await using var host = Start(json, variables);
        var (exitCode, errors) = await host.WaitForExitAsync();
        Assert.Equal(1, exitCode);
        Assert.StartsWith("EventBroker can't start. ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        return errors;
    }
}
