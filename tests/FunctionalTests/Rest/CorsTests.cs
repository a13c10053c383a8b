using System.Net;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;

namespace EventBroker.FunctionalTests.Rest;

public sealed class CorsTests
{
    private const string Friend = "https://friend.example";

    [Fact]
    public async Task A_foreign_page_is_refused_by_default()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");

        foreach (var (method, path) in new[] { ("POST", "/v1/events/e/messages"), ("GET", "/v1/events/e/stream"), ("GET", "/v1/events"), ("OPTIONS", "/v1/ack") })
        {
            using var response = await SendAsync(host, method, path, Friend);
            Assert.Equal(
                (HttpStatusCode.Forbidden, 7, "this origin is not allowed; origins are allowed by the broker's configuration"),
                await RestClient.ErrorOfAsync(response));
            Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
        }
    }

    [Theory]
    [InlineData("cross-site", HttpStatusCode.Forbidden)]
    [InlineData("same-site", HttpStatusCode.Forbidden)]
    [InlineData("same-origin", HttpStatusCode.OK)]
    [InlineData("none", HttpStatusCode.OK)]
    public async Task What_a_foreign_page_fetches_without_an_origin_is_refused(string site, HttpStatusCode expected)
    {
        await using var host = await BrokerHost.StartAsync(options: static o => o.AllowedOrigins.Add(Friend));
        await host.Http.RegisterAsync("e");

        foreach (var path in new[] { "/v1/events/e/stream?delivery_mode=worker_pool&auto_ack=true", "/v1/events", "/v1/health" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("Sec-Fetch-Site", site);
            using var response = await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(expected, response.StatusCode);
        }
    }

    [Fact]
    public async Task What_a_foreign_page_fetches_without_an_origin_is_served_where_all_pages_are()
    {
        await using var host = await BrokerHost.StartAsync(options: static o => o.AllowedOrigins.Add("*"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/events");
        request.Headers.Add("Sec-Fetch-Site", "cross-site");

        using var response = await host.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_configured_origin_may_ask_call_and_read()
    {
        await using var host = await BrokerHost.StartAsync(options: static o => o.AllowedOrigins.Add(Friend));
        await host.Http.RegisterAsync("e");

        using var asked = await SendAsync(host, "OPTIONS", "/v1/events/e/messages", Friend, ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "content-type"));
        Assert.Equal(HttpStatusCode.NoContent, asked.StatusCode);
        Assert.Equal("POST", asked.Headers.GetValues("Access-Control-Allow-Methods").Single());
        Assert.Equal("content-type", asked.Headers.GetValues("Access-Control-Allow-Headers").Single());
        Assert.Equal("600", asked.Headers.GetValues("Access-Control-Max-Age").Single());

        // What asks for no method is no preflight.
        using var plain = await SendAsync(host, "OPTIONS", "/v1/events/e/messages", Friend);
        Assert.Equal((HttpStatusCode.MethodNotAllowed, 12, "method not allowed; allowed here: POST"), await RestClient.ErrorOfAsync(plain));
        foreach (var (method, path) in new[] { ("POST", "/v1/events/e/messages"), ("GET", "/v1/events/e/stream"), ("GET", "/v1/events"), ("GET", "/v1/nothing") })
        {
            using var response = await SendAsync(host, method, path, Friend);
            Assert.Equal(Friend, response.Headers.GetValues("Access-Control-Allow-Origin").Single());
            Assert.Contains("Origin", response.Headers.Vary);
        }
    }

    // Paths of one and of two parts behind /v1, and one that is no path.
    [Theory]
    [InlineData("/v1/ack", "POST")]
    [InlineData("/v1/events", "GET, HEAD")]
    [InlineData("/v1/events/e", "DELETE, GET, HEAD, POST")]
    [InlineData("/v1/nothing", null)]
    public async Task A_preflight_is_told_what_the_path_takes(string path, string? methods)
    {
        await using var host = await BrokerHost.StartAsync(options: static o => o.AllowedOrigins.Add(Friend));

        using var asked = await SendAsync(host, "OPTIONS", path, Friend, ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "content-type"));

        Assert.Equal(methods is null ? HttpStatusCode.NotFound : HttpStatusCode.NoContent, asked.StatusCode);
        Assert.Equal(methods, asked.Headers.TryGetValues("Access-Control-Allow-Methods", out var allowed) ? allowed.Single() : null);
    }

    [Fact]
    public async Task The_brokers_own_origin_is_never_foreign()
    {
        await using var host = await BrokerHost.StartAsync();

        using var response = await SendAsync(host, "GET", "/v1/events", host.HttpAddress.GetLeftPart(UriPartial.Authority));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static async Task<HttpResponseMessage> SendAsync(
        BrokerHost host, string method, string path, string origin, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("Origin", origin);
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
