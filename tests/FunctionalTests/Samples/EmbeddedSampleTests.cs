using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using EventBroker.Samples.Embedded;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace EventBroker.FunctionalTests.Samples;

public sealed class EmbeddedSampleTests : IAsyncLifetime
{
    private const string Placed = "v1/events/order.placed";

    private readonly WebApplication _app = ShopApp.Create(
    [
        "--urls", "http://127.0.0.1:0",
        "--Keys:alice-key:User", "alice", "--Keys:alice-key:Role", "clerk",
        "--Keys:bob-key:User", "bob", "--Keys:bob-key:Role", "customer",
    ]);
    private HttpClient _alice = null!;
    private HttpClient _bob = null!;
    private HttpClient _stranger = null!;

    public async ValueTask InitializeAsync()
    {
        await _app.StartAsync();
        var address = new Uri(_app.Urls.Single());
        _stranger = new HttpClient { BaseAddress = address };
        _alice = new HttpClient { BaseAddress = address, DefaultRequestHeaders = { { "X-Key", "alice-key" } } };
        _bob = new HttpClient { BaseAddress = address, DefaultRequestHeaders = { { "X-Key", "bob-key" } } };
    }

    public async ValueTask DisposeAsync()
    {
        _alice.Dispose();
        _bob.Dispose();
        _stranger.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task An_order_placed_over_the_application_s_own_API_reaches_a_subscriber_who_settles_it()
    {
        var placed = await PlaceAsync();

        using var stream = await _alice.GetStreamAsync($"{Placed}/stream?start_from=beginning");
        using var reader = new StreamReader(stream);
        var message = await ReadMessageAsync(reader);

        Assert.Equal(placed, message["id"]!.ToString());
        Assert.Equal("""{"article":"teapot","quantity":2}""", Encoding.UTF8.GetString(Convert.FromBase64String(message["payload"]!.ToString())));
        Assert.Equal("shop", message["source"]!.ToString());

        var settled = await _alice.PostAsJsonAsync("v1/ack", new { entries = new[] { new { ack_id = message["ack_id"]!.ToString() } } });
        Assert.Equal(HttpStatusCode.OK, settled.StatusCode);
        Assert.Contains("ACK_RESULT_SETTLED", await settled.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_caller_s_role_decides_what_it_may_do()
    {
        await PlaceAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, (await _stranger.GetAsync($"{Placed}/stream")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await _bob.GetAsync($"{Placed}/stream")).StatusCode);
        var published = await _alice.PostAsync($"{Placed}/messages", content: null);

        Assert.Equal(HttpStatusCode.Forbidden, published.StatusCode);
        var error = await published.Content.ReadFromJsonAsync<JsonObject>();
        Assert.Equal(7, error!["code"]!.GetValue<int>());
        Assert.Equal("your role may not do that", error["message"]!.ToString());
    }

    [Fact]
    public async Task The_application_s_own_endpoints_stay_its_own()
    {
        var refused = await _stranger.PostAsJsonAsync("orders", new { article = "teapot" });
        var unknown = await _alice.GetAsync("nothing-here");

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.NotNull(_app.Services.GetService<Broker.MessageBroker>());
    }

    private static async Task<JsonNode> ReadMessageAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("data: {\"type\":\"message\"", StringComparison.Ordinal))
            {
                return JsonNode.Parse(line["data: ".Length..])!;
            }
        }

        throw new InvalidOperationException("the stream ended without a message");
    }

    private async Task<string> PlaceAsync()
    {
        var response = await _alice.PostAsJsonAsync("orders", new { article = "teapot", quantity = 2 });
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonObject>())!["id"]!.ToString();
    }
}
