using System.Net;
using System.Net.WebSockets;
using System.Text;
using EventBroker.FunctionalTests.Clients;
using EventBroker.FunctionalTests.Hosting;
using EventBroker.Protos.Event.V1;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.DependencyInjection;

namespace EventBroker.FunctionalTests.Scenarios;

// What users of comparable products ran into, as far as it concerns the protocols; the rest is in the conformance suite.
public sealed class RegressionTests
{
    private const string Worker = "?delivery_mode=worker_pool";

    [Fact]
    public async Task Acks_right_before_a_clean_close_all_count()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        await using (var worker = await WebSocketClient.OpenAsync(host.HttpAddress, "/v1/events/e/subscribe" + Worker))
        {
            var ackIds = new List<string>();
            for (var i = 0; i < 300; i++)
            {
                await host.PublishAsync("e", $"m-{i}", []);
                ackIds.Add((await worker.ReadMessageAsync()).GetProperty("ack_id").GetString()!);
            }

            foreach (var ackId in ackIds)
            {
                await worker.SendAsync($$"""{"type":"ack","ack_id":"{{ackId}}"}""");
            }

            await worker.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
        }

        await using var next = await WebSocketClient.OpenAsync(host.HttpAddress, "/v1/events/e/subscribe" + Worker);
        await host.PublishAsync("e", "next", []);
        Assert.Equal("next", (await next.ReadMessageAsync()).GetProperty("id").GetString());
    }

    [Theory]
    [InlineData(6, false)]
    [InlineData(6, true)]
    [InlineData(100, false)]
    [InlineData(100, true)]
    public async Task A_body_that_is_far_too_large_is_refused_early_and_the_connection_stays_usable(int megabytes, bool isChunked)
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        var body = Encoding.ASCII.GetBytes($$"""{"payload":"{{new string('A', megabytes * 1024 * 1024)}}"}""");
        for (var i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/events/e/messages") { Content = new ByteArrayContent(body) };
            request.Headers.TransferEncodingChunked = isChunked ? true : null;
            using var response = await host.Http.SendAsync(request);
            var (status, code, message) = await RestClient.ErrorOfAsync(response);
            Assert.Equal((HttpStatusCode.TooManyRequests, 8), (status, code));
            Assert.NotEmpty(message);
            Assert.Equal("small", await host.Http.PublishAsync("e", "small"));
        }
    }

    [Fact]
    public async Task A_plus_of_a_time_zone_that_is_not_escaped_is_shown_as_it_arrived()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");

        var (status, code, message) = await host.Http.GetErrorAsync(
            "/v1/events/e/stream?start_from=timestamp&start_time=2026-01-01T00:00:00+02:00");

        Assert.Equal((HttpStatusCode.BadRequest, 3), (status, code));
        Assert.Contains("2026-01-01T00:00:00 02:00", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HEAD_on_a_stream_is_refused_and_leaves_no_subscription_behind()
    {
        await using var host = await BrokerHost.StartAsync();
        await host.Http.RegisterAsync("e");
        using var request = new HttpRequestMessage(HttpMethod.Head, "/v1/events/e/stream" + Worker);
        using var response = await host.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Contains("GET", response.Content.Headers.Allow);

        // A worker left behind would take its share.
        await using var worker = await SseClient.OpenAsync(host.Http, "/v1/events/e/stream" + Worker);
        for (var i = 0; i < 20; i++)
        {
            await host.PublishAsync("e", $"m-{i}", []);
            Assert.Equal($"m-{i}", (await worker.ReadMessageAsync()).GetProperty("id").GetString());
        }
    }

    [Theory]
    [InlineData(20)]
    [InlineData(365)]
    [InlineData(36_500)]
    public async Task A_deadline_far_ahead_is_accepted(int days)
    {
        await using var host = await BrokerHost.StartAsync();
        var client = new EventService.EventServiceClient(host.OpenChannel());
        var deadline = TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(days);
        await client.RegisterEventAsync(new RegisterEventRequest { Name = "e" }, deadline: deadline);
        using var stream = client.Subscribe(new SubscribeRequest { Event = "e" }, deadline: deadline);
        await stream.ResponseHeadersAsync;
        Assert.Equal("m-1", (await client.PublishAsync(new PublishRequest { Event = "e", Id = "m-1" }, deadline: deadline)).Id);
        Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal("m-1", stream.ResponseStream.Current.Id);
    }

    [Fact]
    public async Task An_application_that_compresses_caches_and_has_a_path_base_delivers_each_event_at_once()
    {
        await using var host = await BrokerHost.StartAsync(
            services: static services => services
                .AddResponseCompression(static o => o.MimeTypes = [.. ResponseCompressionDefaults.MimeTypes, "text/event-stream"])
                .AddOutputCache(static o => o.AddBasePolicy(static policy => policy.Cache())),
            pipeline: static app => app.UsePathBase("/base").UseRouting().UseResponseCompression().UseOutputCache());
        await host.Http.RegisterAsync("e");
        using var browser = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All })
        {
            BaseAddress = host.HttpAddress,
        };

        // The second one must not get what was cached of the first.
        for (var i = 0; i < 2; i++)
        {
            await using var stream = await SseClient.OpenAsync(browser, "/base/v1/events/e/stream");
            for (var k = 0; k < 3; k++)
            {
                await host.PublishAsync("e", $"m-{i}-{k}", []);
                Assert.Equal($"m-{i}-{k}", (await stream.ReadMessageAsync()).GetProperty("id").GetString());
            }
        }
    }

    // Each may take 16 MiB before the broker has to stop, and takes nothing.
    [Fact]
    public async Task Ten_subscriptions_that_nobody_reads_do_not_hold_up_what_shares_their_connection()
    {
        const int Mebibyte = 1024 * 1024;
        await using var host = await BrokerHost.StartAsync();
        using var channel = GrpcChannel.ForAddress(host.GrpcAddress, new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { InitialHttp2StreamWindowSize = 16 * Mebibyte, EnableMultipleHttp2Connections = false },
            DisposeHttpClient = true,
        });
        var client = new EventService.EventServiceClient(channel);
        await host.Http.RegisterAsync("e");
        var streams = Enumerable.Range(0, 10).Select(_ => client.Subscribe(new SubscribeRequest { Event = "e", AutoAck = true })).ToList();
        await Task.WhenAll(streams.Select(static s => s.ResponseHeadersAsync));
        for (var i = 0; i < 20; i++)
        {
            await host.PublishAsync("e", $"large-{i}", new byte[Mebibyte]);
            Assert.Equal($"m-{i}", (await client.PublishAsync(new PublishRequest { Event = "e", Id = $"m-{i}" })).Id);
        }

        streams.ForEach(static s => s.Dispose());
    }
}
