using System.Diagnostics;
using EventBroker.Client.Tests.Faults;
using EventBroker.Client.Tests.Hosting;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;

namespace EventBroker.Client.Tests.Transport;

public sealed class HeaderTests
{
    [Fact]
    public async Task A_token_is_asked_for_once_per_call_and_again_for_a_reconnect()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        var tokens = 0;

        // By the machine's clock, headers that are late would make it ask for the server's health, with a token of its own.
        await using var client = Clients.Open(
            proxy.Address,
            o =>
            {
                o.TokenProvider = _ => new($"t{Interlocked.Increment(ref tokens)}");
                o.Reconnect.FirstBackoff = o.Reconnect.LongestBackoff = TimeSpan.Zero;
            },
            new FakeTimeProvider());
        var opened = new Counted();

        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e", new SubscribeOptions { OnOpened = _ => opened.Increment() });
        proxy.CutConnections();
        await opened.ReachAsync(2);

        Assert.Equal(["Bearer t1"], broker.Requests.Of("RegisterEvent").Select(static h => h.Authorization.ToString()));
        var subscribes = broker.Requests.Of("Subscribe").Select(static h => h.Authorization.ToString()).ToList();
        Assert.Equal("Bearer t2", subscribes[0]);
        Assert.Equal($"Bearer t{tokens}", subscribes[^1]);
        Assert.NotEqual(subscribes[0], subscribes[^1]);
    }

    // What an HttpClient throws when its own time is over.
    [Fact]
    public async Task A_token_provider_that_is_cancelled_shows_as_that()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(
            broker.Address, static o => o.TokenProvider = static _ => throw new TaskCanceledException("no token in time"));

        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.SubscribeAsync("e"));

        Assert.Equal("no token in time", exception.Message);
    }

    [Theory]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    public async Task A_source_that_no_header_takes_is_named_before_anything_is_sent(string source)
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        var message = new OutgoingMessage { Source = source };

        var exception = await Assert.ThrowsAsync<ArgumentException>(() => client.PublishAsync("e", message));
        await Assert.ThrowsAsync<ArgumentException>(() => client.PublishBatchAsync("e", [message]));

        Assert.Contains("Source", exception.Message, StringComparison.Ordinal);
        Assert.Empty(broker.Requests.Of("Publish"));
    }

    [Fact]
    public async Task A_token_from_a_file_is_sent_without_its_line_break_and_one_that_no_header_takes_costs_no_connection()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        var token = "secret\n";
        await using var client = Clients.Open(broker.Address, o => o.TokenProvider = _ => new(token));
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e");
        var states = new States(client);

        token = "sec\nret";
        var exception = await Assert.ThrowsAsync<EventBrokerException>(() => client.ListAsync());

        Assert.Equal(ErrorCode.Unauthenticated, exception.Code);
        Assert.Equal("Bearer secret", Assert.Single(broker.Requests.Of("RegisterEvent")).Authorization.ToString());
        states.ExpectNoMore();
    }

    [Fact]
    public async Task An_empty_token_is_not_sent_and_a_subscription_waits_for_a_better_one()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        var token = "secret";
        await using var client = Clients.Open(proxy.Address, o => o.TokenProvider = _ => new(token));
        await client.RegisterAsync("e");
        var faults = new Counted();
        await using var subscription = await client.SubscribeAsync("e", new SubscribeOptions { OnFault = _ => faults.Increment() });

        token = " \n";
        proxy.CutConnections();
        await faults.ReachAsync(3);
        var failure = await Assert.ThrowsAsync<EventBrokerException>(() => client.ListAsync());
        token = "secret";
        await client.PublishAsync("e", "m-1");

        Assert.Equal(ErrorCode.Unavailable, failure.Code);
        Assert.Equal("m-1", (await subscription.NextAsync()).Id);
        Assert.Equal(["Bearer secret"], broker.Requests.Of("Subscribe").Select(static h => h.Authorization.ToString()).Distinct());
        Assert.Equal(0, broker.Requests.Count("ListEvents"));
    }

    [Theory]
    [InlineData("x key", "v")]
    [InlineData("x-key", "a\r\nb")]
    public async Task A_view_with_headers_that_can_not_be_sent_is_refused(string name, string value)
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);

        var exception = Assert.Throws<ArgumentException>(() => client.WithHeaders(new Dictionary<string, string> { [name] = value }));

        Assert.Contains(name, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_view_sends_its_own_headers_over_the_same_connection()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var proxy = new FaultProxy(broker.Address);
        await using var client = Clients.Open(proxy.Address, static o =>
        {
            o.TokenProvider = static _ => new("own");
            o.Headers["x-tenant"] = "a";
            o.Headers["x-key"] = "k";
            o.Source = "service";
        });
        await using var view = client.WithHeaders(new Dictionary<string, string> { ["Authorization"] = "Basic user", ["X-Tenant"] = "b" });

        await client.RegisterAsync("e");
        await view.PublishAsync("e", "m-1");

        var first = Assert.Single(broker.Requests.Of("RegisterEvent"));
        var second = Assert.Single(broker.Requests.Of("Publish"));
        Assert.Equal(("Bearer own", "a", "k"), (first.Authorization.ToString(), first["x-tenant"].ToString(), first["x-key"].ToString()));
        Assert.Equal(("Basic user", "b", "k"), (second.Authorization.ToString(), second["x-tenant"].ToString(), second["x-key"].ToString()));
        Assert.Equal("service", second["x-source"].ToString());
        Assert.Equal(1, proxy.Accepted);
    }

    [Fact]
    public async Task A_messages_own_source_is_sent_alone_and_in_a_batch()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address, static o => o.Source = "service");
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e");

        await client.PublishAsync("e", new OutgoingMessage { Source = "own" });
        await client.PublishBatchAsync(
            "e", [new OutgoingMessage(), new OutgoingMessage { Source = "x" }, new OutgoingMessage { Source = "x" }, new OutgoingMessage { Source = "y" }]);

        Assert.Equal(["own", "service", "x", "x", "y"], (await subscription.NextAsync(5)).Select(static d => d.Source));
        Assert.Equal(3, broker.Requests.Count("PublishBatch"));
    }

    [Fact]
    public async Task The_trace_goes_on_in_whoever_reads()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e");
        using var parent = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();
        parent.TraceStateString = "vendor=1";

        await client.PublishAsync("e", "m-1");
        await client.PublishBatchAsync("e", [Clients.Message("m-2")]);
        await client.PublishAsync("e", new OutgoingMessage
        {
            Metadata = new Dictionary<string, string> { ["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
        });

        var deliveries = await subscription.NextAsync(3);
        Assert.Equal(parent.TraceId, deliveries[0].GetTraceContext().TraceId);
        Assert.Equal("vendor=1", deliveries[0].GetTraceContext().TraceState);
        Assert.Equal(parent.TraceId, deliveries[1].GetTraceContext().TraceId);
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", deliveries[2].GetTraceContext().TraceId.ToHexString());
        Assert.True(deliveries[2].GetTraceContext().IsRemote);
    }
}
