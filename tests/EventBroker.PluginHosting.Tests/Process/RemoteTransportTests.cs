using System.Net;
using System.Text.Json;

namespace EventBroker.PluginHosting.Tests.Process;

// The plugin as it ships, in its own load context, with a second host behind it.
public sealed class RemoteTransportTests : IDisposable
{
    private const string Listen = "\"listen\": { \"grpc\": \"http://127.0.0.1:0\", \"http\": \"http://127.0.0.1:0\" }, \"authorizers\": [ { \"plugin\": \"allow-all\" } ]";

    private readonly FixtureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_host_serves_what_another_host_holds()
    {
        await using var behind = Start(
            "behind.json", $$"""{ {{Listen}}, "transports": { "t": { "plugin": "memory" } }, "routes": [ { "events": "*", "transport": "t" } ] }""");
        await behind.WaitUntilReadyAsync();
        var address = behind.AddressOf("gRPC (HTTP/2 without TLS)");
        await using var front = Start(
            "front.json",
            $$"""{ {{Listen}}, "transports": { "t": { "plugin": "remote", "settings": { "address": "{{address}}" } } }, "routes": [ { "events": "*", "transport": "t" } ] }""");
        await front.WaitUntilReadyAsync();
        using var toFront = new HttpClient { BaseAddress = front.AddressOf("REST, WebSocket, SSE") };
        using var toBehind = new HttpClient { BaseAddress = behind.AddressOf("REST, WebSocket, SSE") };

        Assert.Matches(@"remote 0\.1\.0 +Active +t", front.Output);
        Assert.Equal(HttpStatusCode.OK, (await toFront.PostAsync("/v1/events/hello", null)).StatusCode);
        using var stream = new StreamReader(await toBehind.GetStreamAsync("/v1/events/hello/stream"));
        using var content = new StringContent("""{ "id": "m-1" }""");
        Assert.Equal(HttpStatusCode.OK, (await toFront.PostAsync("/v1/events/hello/messages", content)).StatusCode);

        string? line;
        do
        {
            line = await stream.ReadLineAsync();
        }
        while (line?.StartsWith("data: ", StringComparison.Ordinal) == false);

        Assert.Equal("m-1", JsonDocument.Parse(line!["data: ".Length..]).RootElement.GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_host_whose_broker_behind_does_not_answer_says_which_setting_names_it()
    {
        await using var front = Start(
            "front.json",
            $$"""
            { {{Listen}}, "routes": [ { "events": "*", "transport": "t" } ],
              "transports": { "t": { "plugin": "remote", "settings": { "address": "http://127.0.0.1:1", "startTimeout": "1s" } } } }
            """);

        var (exitCode, errors) = await front.WaitForExitAsync();

        Assert.Equal(1, exitCode);
        Assert.Contains("$.transports.t: plugin 'remote'", errors, StringComparison.Ordinal);
        Assert.Contains("the broker at http://127.0.0.1:1/ (setting \"address\") did not answer within startTimeout (1s)", errors, StringComparison.Ordinal);
    }

    private HostProcess Start(string name, string json)
    {
        var file = Path.Combine(_folder.Root, name);
        File.WriteAllText(file, json);
        return HostProcess.Start(_folder.Root, ["--config", file]);
    }
}
