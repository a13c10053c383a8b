using System.Text;
using EventBroker.Broker.Publishing;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;

namespace EventBroker.Broker.Tests;

public class PublishingTests
{
    [Fact]
    public async Task A_given_id_is_echoed_and_an_empty_one_is_made()
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();

        Assert.Equal("mine", await fixture.PublishAsync("mine"));
        Assert.Equal(MessageIdGenerator.Length, (await fixture.PublishAsync("")).Length);
    }

    [Fact]
    public async Task A_message_over_the_limit_is_refused()
    {
        await using var fixture = new BrokerFixture(options: new BrokerOptions { MaxMessageBytes = 1024 });
        await fixture.RegisterAsync();

        Assert.Equal(BrokerErrorCode.ResourceExhausted, await BrokerFixture.CodeOfAsync(() => fixture.PublishAsync("a", payload: 1024).AsTask()));
        await fixture.PublishAsync("a", payload: 900);
    }

    [Fact]
    public async Task Too_much_metadata_is_refused_with_the_limits_named()
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        var message = new MessageEncoder();
        for (var i = 0; i < 65; i++)
        {
            message.WriteMetadata(Encoding.UTF8.GetBytes("k" + i), ReadOnlySpan<byte>.Empty);
        }

        var exception = await Assert.ThrowsAsync<BrokerException>(
            async () => await fixture.Broker.PublishAsync(fixture.Caller, "e", message, CancellationToken.None));

        Assert.Equal(BrokerErrorCode.InvalidArgument, exception.Code);
        Assert.Contains("64 entries", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "event name is required")]
    [InlineData(".hidden", EventName.Rule)]
    [InlineData("with space", EventName.Rule)]
    public async Task A_wrong_event_name_is_refused_with_the_rule(string name, string message)
    {
        await using var fixture = new BrokerFixture();

        var exception = await Assert.ThrowsAsync<BrokerException>(async () => await fixture.RegisterAsync(name));

        Assert.Equal((BrokerErrorCode.InvalidArgument, message), (exception.Code, exception.Message));
    }

    [Fact]
    public async Task Each_message_of_a_batch_succeeds_or_fails_on_its_own_and_order_is_kept()
    {
        await using var fixture = new BrokerFixture(options: new BrokerOptions { MaxMessageBytes = 1024 });
        await fixture.RegisterAsync("a");
        await fixture.RegisterAsync("b");
        await using var subscription = await fixture.SubscribeAsync(eventName: "a");
        PublishItem[] items = [Item("a", "1"), Item("b", "2"), Item("a", "3", 2000), Item("none", "4"), Item("a", "5"), Item("..", "6")];

        await fixture.Broker.PublishAsync(fixture.Caller, items, CancellationToken.None);

        Assert.Equal(
            [null, null, BrokerErrorCode.ResourceExhausted, BrokerErrorCode.NotFound, null, BrokerErrorCode.InvalidArgument],
            items.Select(static i => i.Failure?.Code));
        Assert.Equal(["1", "2", "", "", "5", ""], items.Select(static i => Encoding.UTF8.GetString(i.Id.Span)));
        Assert.Equal(["1", "5"], (await BrokerFixture.TakeAsync(subscription)).Select(static d => d.Message.GetId()));
    }

    [Fact]
    public async Task Events_are_listed_sorted_and_only_so_many_are_taken()
    {
        await using var fixture = new BrokerFixture(options: new BrokerOptions { MaxEvents = 2 });
        await fixture.RegisterAsync("b");
        await fixture.RegisterAsync("a");

        Assert.Equal(["a", "b"], await fixture.Broker.ListAsync(fixture.Caller, CancellationToken.None));
        Assert.Equal(BrokerErrorCode.AlreadyExists, await BrokerFixture.CodeOfAsync(async () => await fixture.RegisterAsync("a")));
        Assert.Equal(BrokerErrorCode.ResourceExhausted, await BrokerFixture.CodeOfAsync(async () => await fixture.RegisterAsync("c")));
    }

    [Fact]
    public async Task Unregistering_ends_the_subscriptions()
    {
        await using var fixture = new BrokerFixture();
        await fixture.RegisterAsync();
        await using var subscription = await fixture.SubscribeAsync();
        Assert.Empty(await BrokerFixture.TakeAsync(subscription));

        await fixture.Broker.UnregisterAsync(fixture.Caller, "e", CancellationToken.None);

        Assert.Equal(BrokerErrorCode.Aborted, await BrokerFixture.CodeOfAsync(() => BrokerFixture.NextAsync(subscription)));
        Assert.Equal(BrokerErrorCode.NotFound, await BrokerFixture.CodeOfAsync(() => fixture.PublishAsync("a").AsTask()));
    }

    private static PublishItem Item(string eventName, string id, int payload = 1)
    {
        var message = new MessageEncoder();
        message.WriteId(Encoding.UTF8.GetBytes(id));
        message.WritePayload(new byte[payload]);
        return new PublishItem { EventName = eventName, Message = message };
    }
}
