using EventBroker.Client.Tests.Hosting;

namespace EventBroker.Client.Tests.Transport;

public sealed class EventsTests
{
    [Fact]
    public async Task Events_are_registered_listed_and_removed()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);

        await client.RegisterAsync("b");
        Assert.True(await client.RegisterAsync("a"));
        Assert.False(await client.RegisterAsync("a"));
        Assert.Equal(["a", "b"], await client.ListAsync());
        await client.UnregisterAsync("a");
        Assert.Equal(["b"], await client.ListAsync());
    }

    [Fact]
    public async Task A_refusal_carries_its_code_and_is_not_tried_again()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        await client.RegisterAsync("a");

        var invalid = await Assert.ThrowsAsync<EventBrokerException>(() => client.RegisterAsync("-"));
        var missing = await Assert.ThrowsAsync<EventBrokerException>(() => client.UnregisterAsync("z"));
        var unknown = await Assert.ThrowsAsync<EventBrokerException>(() => client.PublishAsync("z", "m"));

        Assert.Equal(
            [ErrorCode.InvalidArgument, ErrorCode.NotFound, ErrorCode.NotFound],
            new[] { invalid, missing, unknown }.Select(static e => e.Code));
        Assert.Equal("event not registered", unknown.Message);
        Assert.Equal(2, broker.Requests.Count("RegisterEvent"));
        Assert.Equal(1, broker.Requests.Count("Publish"));
    }

    [Fact]
    public async Task Health_needs_no_permission_and_makes_the_connection()
    {
        await using var broker = await EmbeddedBroker.CreateAsync();
        await using var client = Clients.Open(broker.Address);
        Assert.Equal(ConnectionState.Disconnected, client.State);

        var health = await client.CheckHealthAsync();

        Assert.Equal(BrokerHealthStatus.Healthy, health.Status);
        Assert.NotEmpty(health.Details);
        Assert.Equal(ConnectionState.Connected, client.State);
    }
}
