using System.Globalization;
using System.Text.Json;
using EventBroker.Client.Tests.Hosting;
using EventBroker.FunctionalTests.Clients;
using EventBroker.Transport.Redis.Tests.Servers;

namespace EventBroker.FunctionalTests.RealClients;

// One page twice, and a network that swallows. The real host, a real browser.
public sealed class TwoTabsTests
{
    private const string AnyOrigin = "\"allowedOrigins\": [\"*\"],";
    private const string Impatient = AnyOrigin + " \"heartbeat\": \"1s\", \"pongTimeout\": \"5s\",";

    // For a run by hand: for how many seconds the network swallows beyond what it takes until the broker has found out.
    private static readonly int Swallowed =
        int.TryParse(Environment.GetEnvironmentVariable("EVENTBROKER_PAGE_SWALLOW"), CultureInfo.InvariantCulture, out var seconds) ? seconds : 0;

    [Fact]
    public async Task Of_two_tabs_with_one_id_the_later_one_has_it_and_the_earlier_one_is_told_and_ends()
    {
        await using var broker = new BrokerProcess(settings: AnyOrigin);
        await broker.StartAsync();
        using var http = new HttpClient { BaseAddress = broker.HttpAddress };
        await http.RegisterAsync("e");
        await using var pages = await PageServer.StartAsync();
        await using var browser = await pages.OpenAsync();
        string[] tabs = ["", await browser.OpenTabAsync(new Uri(pages.Origin + PageServer.Page), "globalThis.openPolyfill")];
        foreach (var tab in tabs)
        {
            foreach (var over in new[] { "sse", "websocket" })
            {
                await browser.EvaluateAsync($"openModule('{over}', '{broker.HttpAddress}', 'e', {{ over: '{over}', consumerId: '{over}' }})", tab);
            }

            await browser.EvaluateAsync($"openNative('native', '{broker.HttpAddress}v1/events/e/stream?wait=true&consumer_id=native&auto_ack=true')", tab);
            await browser.WaitUntilAsync("['sse', 'websocket'].every(n => streams[n].states.includes('open')) && streams.native.states.includes('subscribed')", tab);
        }

        // The browser's own comes back once, and is ended then.
        await browser.WaitUntilAsync("['sse', 'websocket'].every(n => streams[n].states.at(-1) === 'taken over') && streams.native.states.at(-1) === 'closed'", tabs[0]);
        for (var i = 0; i < 10; i++)
        {
            await http.PublishAsync("e", "m-" + i.ToString(CultureInfo.InvariantCulture));
        }

        await browser.WaitUntilAsync("['sse', 'websocket', 'native'].every(n => streams[n].ids.length === 10)", tabs[1]);
        Assert.Equal("0,0,0", await browser.EvaluateAsync("['sse', 'websocket', 'native'].map(n => streams[n].ids.length).join()", tabs[0]));
        Assert.Equal("open open open,subscribed", await browser.EvaluateAsync("['sse', 'websocket', 'native'].map(n => streams[n].states).join(' ')", tabs[1]));
        Assert.Equal("", broker.Errors);
    }

    [Fact]
    public async Task A_network_that_swallows_ends_the_membership_and_loses_nothing()
    {
        await using var broker = new BrokerProcess(settings: Impatient);
        await broker.StartAsync();
        using var http = new HttpClient { BaseAddress = broker.HttpAddress };
        await http.RegisterAsync("e");
        await using var wire = new Wire(broker.HttpAddress.Port);
        await using var pages = await PageServer.StartAsync();
        await using var browser = await pages.OpenAsync();
        string[] names = ["sse", "websocket", "sse-id", "websocket-id"];
        foreach (var name in names)
        {
            var id = name.EndsWith("-id", StringComparison.Ordinal) ? $", consumerId: '{name}'" : "";
            await browser.EvaluateAsync($"openModule('{name}', 'http://{wire.Address}', 'e', {{ over: '{name.Split('-')[0]}', silence: 3000{id} }})");
        }

        var all = $"['{string.Join("', '", names)}'].every(n => streams[n].";
        await browser.WaitUntilAsync(all + "states.includes('open'))");
        await http.PublishAsync("e", "m-1");
        await browser.WaitUntilAsync(all + "ids.length === 1)");

        wire.Swallow();
        await http.PublishAsync("e", "m-2");
        while (await CountSubscriptionsAsync(http) > 0)
        {
            // The broker and the page find out by themselves.
        }

        for (var i = 0; i < Swallowed; i++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
            Assert.Equal(0, await CountSubscriptionsAsync(http));
        }

        await http.PublishAsync("e", "m-3");
        wire.Mend();

        await browser.WaitUntilAsync(all + "ids.includes('m-3'))");
        var ids = await browser.EvaluateAsync($"['{string.Join("', '", names)}'].map(n => streams[n].ids).join(' ')");
        Assert.Equal("m-1,m-2,m-3 m-1,m-2,m-3 m-1,m-2,m-3 m-1,m-2,m-3", ids);
        Assert.Equal("", await browser.EvaluateAsync($"['{string.Join("', '", names)}'].flatMap(n => streams[n].losses).join()"));
        Assert.Equal("", broker.Errors);
    }

    private static async Task<int> CountSubscriptionsAsync(HttpClient http)
    {
        var health = JsonDocument.Parse(await http.GetStringAsync("/v1/health")).RootElement;
        return int.Parse(health.GetProperty("details").GetProperty("subscriptions").GetString()!, CultureInfo.InvariantCulture);
    }
}
