using EventBroker.FunctionalTests.Samples;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;

namespace EventBroker.FunctionalTests.RealClients;

// Serves the repository, from an origin of its own, to a browser.
internal sealed class PageServer : IAsyncDisposable
{
    public const string Page = "/tests/FunctionalTests/Pages/streams.html";

    private readonly WebApplication _app;

    private PageServer(WebApplication app) => _app = app;

    public string Origin => _app.Urls.Single();

    public static async Task<PageServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.UseFileServer(new FileServerOptions { FileProvider = new PhysicalFileProvider(Repository.Root) });
        await app.StartAsync();
        return new PageServer(app);
    }

    // The page of the tests, once its script has run.
    public async Task<Browser> OpenAsync(params string[] arguments)
    {
        var browser = await Browser.OpenAsync(new Uri(Origin + Page), arguments);
        await browser.WaitUntilAsync("globalThis.openPolyfill");
        return browser;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
