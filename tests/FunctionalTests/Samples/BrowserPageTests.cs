using System.Diagnostics.Metrics;
using EventBroker.Broker;
using EventBroker.Broker.Routing;
using EventBroker.Endpoints;
using EventBroker.FunctionalTests.RealClients;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Memory;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventBroker.FunctionalTests.Samples;

public sealed class BrowserPageTests : IAsyncLifetime
{
    private readonly WebApplication _pages = ServePages();
    private readonly WebApplication _otherPages = ServePages();
    private readonly List<WebApplication> _brokers = [];

    public async ValueTask InitializeAsync()
    {
        await _pages.StartAsync();
        await _otherPages.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var app in _brokers.Append(_pages).Append(_otherPages))
        {
            await app.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_page_of_an_allowed_origin_subscribes_over_SSE_and_WebSocket_and_publishes()
    {
        var broker = await StartBrokerAsync(allowedOrigin: _pages.Urls.Single());
        await using var browser = await OpenAsync(_pages, broker);

        await browser.WaitUntilAsync("$('sse-state').textContent === 'open' && $('ws-state').textContent === 'open'");
        await browser.EvaluateAsync("$('text').value = 'grüße <b>'; $('publish').requestSubmit()");
        await browser.WaitUntilAsync("$('sse-messages').children.length === 1 && $('ws-messages').children.length === 1 && $('published').textContent");

        Assert.Equal("grüße <b>", await browser.EvaluateAsync("$('sse-messages').textContent"));
        Assert.Equal("grüße <b>", await browser.EvaluateAsync("$('ws-messages').textContent"));
        Assert.Equal("", await browser.EvaluateAsync("$('error').textContent"));
        Assert.Equal(
            "true", await browser.EvaluateAsync("$('published').textContent === 'published ' + $('ws-messages').firstChild.dataset.id"));
    }

    [Fact]
    public async Task A_page_of_another_origin_is_refused_on_every_way_in()
    {
        var broker = await StartBrokerAsync(allowedOrigin: _pages.Urls.Single());
        await using var browser = await OpenAsync(_otherPages, broker);

        await browser.WaitUntilAsync("$('sse-state').textContent === 'reconnecting' && $('ws-state').textContent === 'reconnecting'");
        await browser.EvaluateAsync("$('error').textContent = ''; $('publish').requestSubmit()");
        await browser.WaitUntilAsync("$('error').textContent !== ''");

        Assert.Equal("", await browser.EvaluateAsync("$('published').textContent"));

        // Not only kept from reading the answer: nothing was done.
        using var client = new HttpClient { BaseAddress = broker };
        Assert.Equal("""{"events":[]}""", await client.GetStringAsync("v1/events"));
    }

    [Fact]
    public async Task No_origin_is_allowed_by_default()
    {
        var broker = await StartBrokerAsync(allowedOrigin: null);
        await using var browser = await OpenAsync(_pages, broker);

        await browser.WaitUntilAsync("$('sse-state').textContent === 'reconnecting' && $('ws-state').textContent === 'reconnecting'");

        Assert.NotEqual("", await browser.EvaluateAsync("$('error').textContent"));
    }

    private static async Task<Browser> OpenAsync(WebApplication pages, Uri broker)
    {
        var address = Uri.EscapeDataString(broker.GetLeftPart(UriPartial.Authority));
        var browser = await Browser.OpenAsync(new Uri($"{pages.Urls.Single()}/docs/samples/BrowserPage/?broker={address}&event=demo.page"));
        await browser.EvaluateAsync("globalThis.$ = id => document.getElementById(id)");
        return browser;
    }

    private static WebApplication ServePages()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.UseFileServer(new FileServerOptions { FileProvider = new PhysicalFileProvider(Repository.Root) });
        return app;
    }

    private async Task<Uri> StartBrokerAsync(string? allowedOrigin)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<ITransport>(static services => new MemoryTransport(
            "memory",
            new MemorySettings(),
            TimeProvider.System,
            services.GetRequiredService<IMeterFactory>().Create("Test"),
            NullLogger.Instance));
        builder.Services.AddEventBroker(options =>
        {
            options.Setup = static services => new BrokerSetup
            {
                Transports = new Dictionary<string, ITransport> { ["memory"] = services.GetRequiredService<ITransport>() },
                Routes = [new EventRoute { Events = "*", Transport = "memory" }],
                Authorizers = [new AllowAll()],
            };
            if (allowedOrigin is not null)
            {
                options.AllowedOrigins.Add(allowedOrigin);
            }
        });
        var app = builder.Build();
        _brokers.Add(app);
        app.MapEventBroker();
        await app.StartAsync();
        return new Uri(app.Urls.Single());
    }

    private sealed class AllowAll : IAuthorizer
    {
        public ValueTask<AuthorizationDecision> AuthorizeAsync(AuthorizationRequest request, CancellationToken cancellationToken) =>
            new(AuthorizationDecision.Allow);
    }
}
