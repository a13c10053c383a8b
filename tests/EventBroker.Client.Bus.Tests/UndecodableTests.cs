using EventBroker.Client.Testing;

namespace EventBroker.Client.Bus.Tests;

public class UndecodableTests
{
    [Fact]
    public async Task What_cannot_be_decoded_is_given_back_and_the_handler_goes_on()
    {
        await using var fixture = await BusFixture.StartAsync();
        var handled = new Handled();
        await using var subscription = await fixture.Orders.SubscribeAsync(handled.HandleAsync);

        var garbage = await fixture.PublishGarbageAsync();
        await fixture.Orders.PublishAsync(new Order(2));

        Assert.StartsWith("undecodable: ", (await fixture.Broker.WhenNackedAsync(garbage)).Reason, StringComparison.Ordinal);
        Assert.Equal(2, (await handled.NextAsync()).Order.Number);
        Assert.Equal(1, fixture.Log.Count(5104));
        Assert.False(subscription.Completion.IsCompleted);
    }

    [Fact]
    public async Task What_cannot_be_decoded_comes_again_after_the_delay()
    {
        await using var fixture = await BusFixture.StartAsync();
        await using var subscription = await fixture.Orders.SubscribeAsync(
            static (_, _) => Task.CompletedTask, new HandlerOptions { NackDelay = static _ => TimeSpan.FromSeconds(3) });
        await fixture.PublishGarbageAsync();
        await fixture.Wire.WhenAsync("Ack", 1);

        fixture.Time.Advance(TimeSpan.FromSeconds(3));
        await fixture.Wire.WhenAsync("Ack", 2);

        Assert.Equal([0, 1], fixture.Broker.Settlements.Select(static s => s.RetryCount));
    }

    [Fact]
    public async Task A_message_of_another_content_type_is_not_even_tried()
    {
        await using var fixture = await BusFixture.StartAsync();
        await using var subscription = await fixture.Orders.SubscribeAsync(static (_, _) => Task.CompletedTask);

        var id = await fixture.Orders.PublishAsync(
            new Order(1), new PublishOptions { Metadata = new Dictionary<string, string> { ["content-type"] = "text/xml; charset=utf-8" } });

        var reason = (await fixture.Broker.WhenNackedAsync(id)).Reason;
        Assert.Contains("text/xml", reason, StringComparison.Ordinal);
        Assert.Contains("application/json", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("Application/JSON")]
    [InlineData("application/vnd.shop.order+json")]
    [InlineData("")]
    [InlineData(null)]
    public async Task A_message_of_a_fitting_content_type_or_of_none_is_decoded(string? contentType)
    {
        await using var fixture = await BusFixture.StartAsync();
        var handled = new Handled();
        await using var subscription = await fixture.Orders.SubscribeAsync(handled.HandleAsync);

        await fixture.Transport.PublishAsync(BusFixture.EventName, new OutgoingMessage
        {
            Payload = """{"number":5,"item":"cup"}"""u8.ToArray(),
            Metadata = contentType is null ? null : new Dictionary<string, string> { ["content-type"] = contentType },
        });

        Assert.Equal(new Order(5, "cup"), (await handled.NextAsync()).Order);
    }

    [Fact]
    public async Task The_JSON_value_null_is_no_order()
    {
        await using var fixture = await BusFixture.StartAsync();
        await using var subscription = await fixture.Orders.SubscribeAsync(static (_, _) => Task.CompletedTask);

        var id = await fixture.Transport.PublishAsync(BusFixture.EventName, new OutgoingMessage { Payload = "null"u8.ToArray() });

        Assert.Contains("null", (await fixture.Broker.WhenNackedAsync(id)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_dropped_is_acked()
    {
        await using var fixture = await BusFixture.StartAsync();
        await using var subscription = await fixture.Orders.SubscribeAsync(
            static (_, _) => Task.CompletedTask, new HandlerOptions { Undecodable = UndecodableAction.Drop });

        await fixture.Broker.WhenAckedAsync(await fixture.PublishGarbageAsync());

        Assert.Equal(1, fixture.Log.Count(5106));
    }

    [Fact]
    public async Task A_dead_letter_has_the_message_and_the_reason_and_its_event_is_registered()
    {
        await using var fixture = await BusFixture.StartAsync();
        await using var subscription = await fixture.Orders.SubscribeAsync(
            static (_, _) => Task.CompletedTask, new HandlerOptions { Undecodable = UndecodableAction.DeadLetter });

        var id = await fixture.PublishGarbageAsync();
        await fixture.Broker.WhenAckedAsync(id);

        var letters = await fixture.Transport.SubscribeAsync(
            "order.created.dead-letter", new SubscribeOptions { Start = SubscriptionStart.Beginning });
        var letter = await letters.NextAsync();
        Assert.Equal("{ no order"u8.ToArray(), letter.Payload.ToArray());
        Assert.Equal(
            (BusFixture.EventName, id, "shop"),
            (letter.Metadata["dead-letter-event"], letter.Metadata["dead-letter-id"], letter.Metadata["dead-letter-source"]));
        Assert.NotEmpty(letter.Metadata["dead-letter-reason"]);
    }

    [Fact]
    public async Task A_dead_letter_that_cannot_be_published_gives_the_message_back()
    {
        await using var fixture = await BusFixture.StartAsync();
        fixture.Wire.IsCut = static method => method == "Publish";
        await using var subscription = await fixture.Orders.SubscribeAsync(
            static (_, _) => Task.CompletedTask,
            new HandlerOptions { Undecodable = UndecodableAction.DeadLetter, DeadLetterEvent = "letters" });

        var id = await fixture.Broker.Transport.PublishAsync(BusFixture.EventName, new OutgoingMessage { Payload = "["u8.ToArray() });
        await fixture.Broker.WhenNackedAsync(id);
        Assert.Equal(1, fixture.Log.Count(5107));

        fixture.Wire.IsCut = static _ => false;
        fixture.Time.Advance(TimeSpan.FromSeconds(1));
        await fixture.Broker.WhenAckedAsync(id);
        Assert.Contains("letters", await fixture.Transport.ListAsync());
    }

    [Fact]
    public async Task A_handler_whose_dead_letters_would_have_no_name_is_refused()
    {
        await using var fixture = await BusFixture.StartAsync();
        var name = new string('e', 195);
        await fixture.Transport.RegisterAsync(name);

        var refused = await Assert.ThrowsAsync<ArgumentException>(() => fixture.Bus.Event<Order>(name).SubscribeAsync(
            static (_, _) => Task.CompletedTask, new HandlerOptions { Undecodable = UndecodableAction.DeadLetter }));
        Assert.Contains("DeadLetterEvent", refused.Message, StringComparison.Ordinal);
        Assert.Contains("200", refused.Message, StringComparison.Ordinal);

        await using var named = await fixture.Bus.Event<Order>(name).SubscribeAsync(
            static (_, _) => Task.CompletedTask, new HandlerOptions { Undecodable = UndecodableAction.DeadLetter, DeadLetterEvent = "letters" });
    }

    [Fact]
    public async Task Letters_that_cannot_be_published_are_told_once_and_come_again_later_and_later()
    {
        await using var fixture = await BusFixture.StartAsync();
        fixture.Wire.IsCut = static method => method == "Publish";
        await using var subscription = await fixture.Orders.SubscribeAsync(
            static (_, _) => Task.CompletedTask, new HandlerOptions { Undecodable = UndecodableAction.DeadLetter, NackDelay = null });
        await fixture.Broker.Transport.PublishAsync(BusFixture.EventName, new OutgoingMessage { Payload = "["u8.ToArray() });

        for (var attempt = 1; attempt <= 4; attempt++)
        {
            await fixture.Wire.WhenAsync("Ack", attempt);
            fixture.Time.Advance(TimeSpan.FromSeconds(Math.Pow(2, attempt - 1)));
        }

        await fixture.Wire.WhenAsync("Ack", 5);
        Assert.Equal((1, 4), (fixture.Log.Count(5107), fixture.Log.Count(5108)));
    }

    [Fact]
    public async Task A_message_that_always_fails_is_dead_lettered_after_as_many_attempts_as_allowed()
    {
        await using var fixture = await BusFixture.StartAsync();
        var handled = new Handled(static (_, _) => throw new InvalidOperationException("out of stock"));
        await using var subscription = await fixture.Orders.SubscribeAsync(
            handled.HandleAsync, new HandlerOptions { MaxAttempts = 3, NackDelay = null });

        var id = await fixture.Orders.PublishAsync(new Order(1));

        Assert.Equal(2, (await fixture.Broker.WhenAckedAsync(id)).RetryCount);
        Assert.Equal(3, handled.Count);
        Assert.Equal(1, fixture.Log.Count(5116));
        await using var letters = await fixture.Transport.SubscribeAsync(
            "order.created.dead-letter", new SubscribeOptions { Start = SubscriptionStart.Beginning });
        var letter = await letters.NextAsync();
        Assert.Equal("failed in 3 attempts: out of stock", letter.Metadata["dead-letter-reason"]);
    }

    [Fact]
    public async Task What_nobody_can_decode_comes_no_more_often_than_the_attempts_allow()
    {
        await using var fixture = await BusFixture.StartAsync();
        await using var subscription = await fixture.Orders.SubscribeAsync(
            static (_, _) => Task.CompletedTask, new HandlerOptions { MaxAttempts = 2, NackDelay = null });

        var id = await fixture.PublishGarbageAsync();

        Assert.Equal(1, (await fixture.Broker.WhenAckedAsync(id)).RetryCount);
    }

    [Fact]
    public async Task A_codec_that_fails_in_any_way_does_not_end_the_subscription()
    {
        await using var fixture = await BusFixture.StartAsync();
        var broken = fixture.Bus.Event(BusFixture.EventName, new BrokenCodec());
        await using var subscription = await broken.SubscribeAsync(
            static (_, _) => Task.CompletedTask, new HandlerOptions { Undecodable = UndecodableAction.Drop });

        await fixture.Broker.WhenAckedAsync(await fixture.Orders.PublishAsync(new Order(1)));
        await fixture.Broker.WhenAckedAsync(await fixture.Orders.PublishAsync(new Order(2)));

        Assert.DoesNotContain(fixture.Broker.Settlements, static s => s.Kind == TestSettlementKind.Nacked);
    }

    private sealed class BrokenCodec : IEventCodec<string>
    {
        public string ContentType => "application/json";

        public void Encode(string value, System.Buffers.IBufferWriter<byte> destination) => throw new NotSupportedException();

        public string Decode(ReadOnlyMemory<byte> payload) => throw new OperationCanceledException("strange");
    }
}
