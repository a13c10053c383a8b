using System.Globalization;
using System.Net;
using System.Text.Json;
using EventBroker.Client.Tests.Hosting;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Samples;

namespace EventBroker.FunctionalTests.RealClients;

// The real host is killed and started again and again while messages are published and a page in a browser watches: by itself and through
// a real nginx, which answers 502 meanwhile.
public sealed class RestartTests
{
    private const string AnyOrigin = "\"allowedOrigins\": [\"*\"],";

    // For more by hand: EVENTBROKER_PAGE_KILLS=10.
    private static readonly int Kills =
        int.TryParse(Environment.GetEnvironmentVariable("EVENTBROKER_PAGE_KILLS"), CultureInfo.InvariantCulture, out var kills) ? kills : 2;

    private static readonly string[] Streams = ["native", "sse", "websocket", "nginx-sse", "nginx-websocket"];

    [Fact]
    public async Task Over_a_log_every_message_arrives_once_and_nothing_is_lost_however_often_the_broker_is_killed()
    {
        await using var broker = new BrokerProcess(settings: AnyOrigin);
        var (accepted, seen) = await RunAsync(broker, Kills, remembersIds: true);

        foreach (var name in Streams)
        {
            Assert.Equal(accepted.Select(static a => a.Id), seen[name].Ids);
            Assert.Empty(seen[name].Losses);
        }
    }

    [Fact]
    public async Task Over_memory_every_message_arrives_once_or_is_told_as_lost()
    {
        await using var broker = new BrokerProcess(transport: """{ "plugin": "memory" }""", settings: AnyOrigin, autoRegister: true);
        var (accepted, seen) = await RunAsync(broker, Kills, remembersIds: false);

        foreach (var name in Streams)
        {
            var (all, losses) = seen[name];
            var ids = all.Where(static id => id.StartsWith("m-", StringComparison.Ordinal)).ToList();
            Assert.Equal(ids.Distinct(), ids);
            Assert.Equal(accepted.Where(a => ids.Contains(a.Id)).Select(static a => a.Id), ids);

            // Each gap was told, and of the last life nothing is missing. One may span whole lives: a browser comes back when it likes.
            Assert.DoesNotContain(accepted, a => a.Life == Kills && !ids.Contains(a.Id));
            var gaps = 0;
            var isGap = false;
            foreach (var (id, _) in accepted)
            {
                var isMissing = !ids.Contains(id);
                gaps += isMissing && !isGap ? 1 : 0;
                isGap = isMissing;
            }

            Assert.True(losses.Count >= gaps, $"{name}: {gaps} gaps, told {losses.Count} times");
        }
    }

    private static async Task<(List<(string Id, int Life)> Accepted, Dictionary<string, (List<string> Ids, List<string> Losses)> Seen)> RunAsync(
        BrokerProcess broker, int kills, bool remembersIds)
    {
        await broker.StartAsync();
        using var http = new HttpClient { BaseAddress = broker.HttpAddress };
        await http.RegisterAsync("e");
        await using var nginx = new Nginx(broker.HttpAddress);
        await nginx.ReadyAsync();
        await using var pages = await PageServer.StartAsync();
        await using var browser = await pages.OpenAsync();
        await OpenStreamsAsync(browser, broker.HttpAddress, nginx.Address);

        var accepted = new List<(string Id, int Life)>();
        for (var life = 0; life < kills; life++)
        {
            for (var i = 0; i < 25; i++)
            {
                await PublishOneAsync(life);
            }

            // Killed in the middle of a publish. A log knows the id when it is tried again in the next life; memory would take it twice.
            var cut = TryPublishAsync(remembersIds ? "m-" + accepted.Count : "cut-" + life);
            broker.Kill();
            await cut;
            await broker.EndedAsync();
            await TryInVainAsync(browser, nginx);
            await broker.StartAsync();
        }

        await PublishOneAsync(kills);
        var last = accepted[^1].Id;
        await browser.WaitUntilAsync($"{Names}.every(n => streams[n].ids.includes('{last}'))");

        var readyStates = await browser.EvaluateAsync($"{Names}.flatMap(n => streams[n].readyStates).join()");
        Assert.DoesNotContain("2", readyStates, StringComparison.Ordinal);
        Assert.Equal("", broker.Errors);
        var seen = JsonDocument.Parse(await browser.EvaluateAsync("JSON.stringify(streams, (key, value) => key === 'source' ? undefined : value)")).RootElement;
        return (accepted, Streams.ToDictionary(static n => n, n => (List(seen.GetProperty(n), "ids"), List(seen.GetProperty(n), "losses"))));

        async Task PublishOneAsync(int life)
        {
            var id = "m-" + accepted.Count;
            await http.PublishAsync("e", id);
            accepted.Add((id, life));
        }

        async Task TryPublishAsync(string id)
        {
            try
            {
                await http.PublishAsync("e", id);
            }
            catch (HttpRequestException)
            {
                // Cut, so nobody knows.
            }
        }
    }

    // Until those behind the proxy have been answered with its 502, which a page of another origin sees only as a failure.
    private static async Task TryInVainAsync(Browser browser, Nginx nginx)
    {
        using var http = new HttpClient { BaseAddress = nginx.Address };
        using var away = await http.GetAsync(new Uri("/healthz", UriKind.Relative));
        Assert.Equal(HttpStatusCode.BadGateway, away.StatusCode);
        await browser.EvaluateAsync("globalThis.seen = ['nginx-sse', 'nginx-websocket'].map(n => [n, streams[n].states.length])");
        await browser.WaitUntilAsync("seen.every(([n, count]) => streams[n].states.length > count + 1)");
    }

    private static string Names => $"['{string.Join("', '", Streams)}']";

    private static List<string> List(JsonElement stream, string name) => [.. stream.GetProperty(name).EnumerateArray().Select(static e => e.GetString()!)];

    private static async Task OpenStreamsAsync(Browser browser, Uri broker, Uri nginx)
    {
        await browser.EvaluateAsync($"openNative('native', '{broker}v1/events/e/stream?wait=true&auto_ack=true')");
        foreach (var over in new[] { "sse", "websocket" })
        {
            await browser.EvaluateAsync($"openModule('{over}', '{broker}', 'e', {{ over: '{over}' }})");
            await browser.EvaluateAsync($"openModule('nginx-{over}', '{nginx}', 'e', {{ over: '{over}' }})");
        }

        await browser.WaitUntilAsync($"{Names}.every(n => streams[n].states.some(s => s === 'open' || s === 'subscribed'))");
    }
}
