using EventBroker.Client.Tests.Hosting;
using EventBroker.FunctionalTests.Clients;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace EventBroker.FunctionalTests.Samples;

// What the page of somebody else can do to a broker on the machine of whoever looks at it. The real host, a real browser.
public sealed class ForeignPageTests
{
    [Fact]
    public async Task An_image_whose_address_is_a_stream_takes_no_messages()
    {
        await using var broker = new BrokerProcess();
        await broker.StartAsync();
        using var http = new HttpClient { BaseAddress = broker.HttpAddress };
        await http.RegisterAsync("jobs");
        await http.PublishAsync("jobs", "job-1");
        await using var pages = await ServePageAsync();

        // For a browser localhost is another site than 127.0.0.1.
        await using var browser = await Browser.OpenAsync(new Uri($"http://localhost:{new Uri(pages.Urls.Single()).Port}/"));

        var stream = $"{broker.HttpAddress}v1/events/jobs/stream?delivery_mode=worker_pool&start_from=beginning&auto_ack=true";
        Assert.Equal("refused", await browser.EvaluateAsync(
            $"new Promise(done => {{ const image = new Image(); image.onerror = () => done('refused'); image.onload = () => done('shown'); image.src = '{stream}'; }})"));

        await using var worker = await SseClient.OpenAsync(http, "/v1/events/jobs/stream?delivery_mode=worker_pool&start_from=beginning");
        var first = await worker.ReadAsync();
        Assert.Equal("resumed", first?.Name);
        Assert.Contains("\"new\"", first!.Data, StringComparison.Ordinal);
        Assert.Equal("job-1", (await worker.ReadMessageAsync()).GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_page_whose_own_name_leads_to_the_broker_gets_nothing()
    {
        await using var broker = new BrokerProcess();
        await broker.StartAsync();
        using var http = new HttpClient { BaseAddress = broker.HttpAddress };
        await http.RegisterAsync("secret");

        // As after the name's address was changed to 127.0.0.1: the page is of the broker's origin.
        await using var browser = await Browser.OpenAsync(
            new Uri($"http://evil.example:{broker.HttpAddress.Port}/page"), "--host-resolver-rules=MAP evil.example 127.0.0.1");

        Assert.Equal("400", await browser.EvaluateAsync("fetch('/v1/events').then(answer => String(answer.status))"));
        Assert.Equal("400", await browser.EvaluateAsync("fetch('/v1/events/mine', { method: 'POST' }).then(answer => String(answer.status))"));
        Assert.Equal("""{"events":["secret"]}""", await http.GetStringAsync(new Uri("/v1/events", UriKind.Relative)));
    }

    private static async Task<WebApplication> ServePageAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet("/", static () => Results.Content("<!doctype html><title>somebody else</title>", "text/html"));
        await app.StartAsync();
        return app;
    }
}
