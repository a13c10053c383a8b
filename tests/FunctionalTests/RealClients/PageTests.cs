using System.Globalization;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.FunctionalTests.Samples;
using EventBroker.Sdk.Authorization;
using EventBroker.Transport.Redis.Tests.Servers;

namespace EventBroker.FunctionalTests.RealClients;

// A page in a real browser: the browser's own EventSource, a library in its place, and the module of client/browser over both protocols.
public sealed class PageTests
{
    private static readonly string[] All = ["native", "polyfill", "sse", "websocket"];

    [Fact]
    public async Task Streams_of_every_kind_that_are_cut_go_on_where_they_were()
    {
        await using var host = await StartAsync();
        await using var wire = new Wire(host.HttpAddress.Port);
        await using var pages = await PageServer.StartAsync();
        await using var browser = await pages.OpenAsync();
        var stream = $"http://{wire.Address}/v1/events/e/stream?wait=true&auto_ack=true&_=1700000000000";
        await browser.EvaluateAsync($"openNative('native', '{stream}'); openPolyfill('polyfill', '{stream}')");
        foreach (var over in new[] { "sse", "websocket" })
        {
            await browser.EvaluateAsync($"openModule('{over}', 'http://{wire.Address}', 'e', {{ over: '{over}' }})");
        }

        await browser.WaitUntilAsync($"{List(All)}.every(n => streams[n].states.some(s => s === 'open' || s === 'subscribed'))");
        await host.Http.PublishAsync("e", "m-1");
        await browser.WaitUntilAsync(HaveAll("m-1"));

        wire.Cut();
        await host.Http.PublishAsync("e", "m-2");
        wire.Mend();

        await browser.WaitUntilAsync(HaveAll("m-2"));
        Assert.Equal("m-1,m-2 m-1,m-2 m-1,m-2 m-1,m-2", await browser.EvaluateAsync($"{List(All)}.map(n => streams[n].ids.join()).join(' ')"));
        Assert.Equal("", await browser.EvaluateAsync($"{List(All)}.flatMap(n => streams[n].losses).join()"));
        Assert.DoesNotContain("2", await browser.EvaluateAsync($"{List(All)}.flatMap(n => streams[n].readyStates).join()"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sse")]
    [InlineData("websocket")]
    public async Task What_the_modules_handler_throws_at_comes_again_and_what_it_takes_is_settled(string over)
    {
        await using var host = await BrokerHost.StartAsync(
            clock: TimeProvider.System, options: static o => o.AllowedOrigins.Add("*"));
        await host.Http.RegisterAsync("e");
        await using var pages = await PageServer.StartAsync();
        await using var browser = await pages.OpenAsync();
        await browser.EvaluateAsync(
            $$"""
            openModule('s', '{{host.HttpAddress}}', 'e', { over: '{{over}}', consumerId: 'c', handle: message => {
              streams.s.ids.push(`${message.id}/${message.retry_count ?? 0}`);
              document.getElementById('changes').textContent += '.';
              if (!message.retry_count) { throw new Error('not yet'); }
            } })
            """);
        await browser.WaitUntilAsync("streams.s.states.includes('open')");
        await host.Http.PublishAsync("e", "m-1");
        await browser.WaitUntilAsync("streams.s.ids.join() === 'm-1/0,m-1/1'");

        // What is settled does not come again, whoever asks under that name.
        await browser.EvaluateAsync("new Promise(done => setTimeout(done, 0)).then(() => streams.s.source.close())");
        var began = TimeProvider.System.GetTimestamp();
        while (!(await host.Http.GetStringAsync("/v1/events/e")).Contains("\"unsettled\":\"0\"", StringComparison.Ordinal))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(60), "the ack has not come");
        }

        await host.Http.PublishAsync("e", "m-2");
        await using var next = await SseClient.OpenAsync(host.Http, "/v1/events/e/stream?consumer_id=c");
        await next.ReadAsync();
        Assert.Equal("m-2", (await next.ReadMessageAsync()).GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("sse")]
    [InlineData("websocket")]
    public async Task The_module_waits_for_an_event_and_closes_where_it_is_refused(string over)
    {
        await using var host = await BrokerHost.StartAsync(options: static o => o.AllowedOrigins.Add("*"));
        host.Authorizer.Decide = static r => r.EventName == "secret" ? AuthorizationDecision.Deny("no", "not for you") : AuthorizationDecision.Allow;
        await using var pages = await PageServer.StartAsync();
        await using var browser = await pages.OpenAsync();
        foreach (var name in new[] { "later", "secret" })
        {
            await browser.EvaluateAsync($"openModule('{name}', '{host.HttpAddress}', '{name}', {{ over: '{over}' }})");
        }

        await browser.WaitUntilAsync("streams.later.states.join() === 'waiting' && streams.secret.states.join() === 'refused'");
        await host.Http.RegisterAsync("later");
        await host.Http.PublishAsync("later", "m-1");
        await browser.WaitUntilAsync("streams.later.ids.join() === 'm-1'");

        Assert.Equal("waiting,open 1 2", await browser.EvaluateAsync(
            "`${streams.later.states} ${streams.later.source.readyState} ${streams.secret.source.readyState}`"));
    }

    [Fact]
    public async Task The_module_proves_who_it_is_and_asks_for_another_token_when_one_has_run_out()
    {
        await using var host = await BrokerHost.StartAsync(options: static o => o.AllowedOrigins.Add("*"));
        await host.Http.RegisterAsync("e");
        host.Authorizer.Examine = static caller =>
            (caller.GetHeader("Authorization") ?? "Bearer " + caller.GetQueryParameter("access_token")) == "Bearer second"
                ? AuthorizationDecision.Allow
                : AuthorizationDecision.Unauthenticated("wrong token");
        await using var pages = await PageServer.StartAsync();
        await using var browser = await pages.OpenAsync();
        foreach (var over in new[] { "sse", "websocket" })
        {
            await browser.EvaluateAsync(
                $$"""(tokens => openModule('{{over}}', '{{host.HttpAddress}}', 'e', { over: '{{over}}', accessToken: async () => tokens.shift() }))(['first', 'second'])""");
            await browser.EvaluateAsync($"openModule('{over}-wrong', '{host.HttpAddress}', 'e', {{ over: '{over}', accessToken: 'third' }})");
        }

        await browser.WaitUntilAsync("['sse', 'websocket'].every(n => streams[n].states.join() === 'reconnecting,open' && streams[n + '-wrong'].states.join() === 'refused')");
    }

    private static async Task<BrokerHost> StartAsync()
    {
        var host = await BrokerHost.StartAsync(options: static o => o.AllowedOrigins.Add("*"));
        await host.Http.RegisterAsync("e");
        return host;
    }

    private static string List(IEnumerable<string> names) => string.Create(CultureInfo.InvariantCulture, $"['{string.Join("', '", names)}']");

    private static string HaveAll(string id) => $"{List(All)}.every(n => streams[n].ids.includes('{id}'))";
}
