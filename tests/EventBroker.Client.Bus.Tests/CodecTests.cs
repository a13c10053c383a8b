using System.Buffers;
using System.Text;
using System.Text.Json.Serialization;
using EventBroker.Client.Testing;
using EventBroker.Protos.Event.V1;

namespace EventBroker.Client.Bus.Tests;

public class CodecTests
{
    [Fact]
    public async Task Records_travel_as_JSON_in_the_conventions_of_the_web()
    {
        await using var fixture = await BusFixture.StartAsync();

        Assert.Equal(("""{"number":3,"item":"tea"}""", "application/json"), await SendAsync(fixture, fixture.Orders, new Order(3)));
    }

    [Fact]
    public async Task JSON_can_come_from_a_generated_context()
    {
        await using var fixture = await BusFixture.StartAsync();
        var bus = new EventBus(fixture.Transport, new EventBusOptions { Json = OrderJson.Default.Options });

        var (text, _) = await SendAsync(fixture, bus.Event<Order>(BusFixture.EventName), new Order(3));

        Assert.Equal("""{"NUMBER":3,"ITEM":"tea"}""", text);
    }

    [Fact]
    public async Task A_type_that_the_context_does_not_know_is_refused_at_once()
    {
        await using var fixture = await BusFixture.StartAsync();
        var bus = new EventBus(fixture.Transport, new EventBusOptions { Json = OrderJson.Default.Options });

        var refused = Assert.Throws<InvalidOperationException>(() => bus.Event<Version>("x"));

        Assert.Contains("System.Version", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generated_messages_travel_as_protobuf()
    {
        await using var fixture = await BusFixture.StartAsync();
        var sent = new PublishRequest { Event = "e", Id = "1" };
        var received = new TaskCompletionSource<PublishRequest>();
        var typed = fixture.Bus.Event<PublishRequest>(BusFixture.EventName);
        await using var subscription = await typed.SubscribeAsync((value, context) =>
        {
            Assert.Equal("application/protobuf", context.Metadata["content-type"]);
            received.SetResult(value);
            return Task.CompletedTask;
        });

        await typed.PublishAsync(sent);

        Assert.Equal(sent, await received.Task);
    }

    [Theory]
    [InlineData("application/x-protobuf", true)]
    [InlineData("Application/Protobuf; proto=x", true)]
    [InlineData("application/json", false)]
    public async Task Protobuf_is_known_by_both_of_its_names(string contentType, bool expected)
    {
        await using var fixture = await BusFixture.StartAsync();
        var typed = fixture.Bus.Event<PublishRequest>(BusFixture.EventName);
        await using var subscription = await typed.SubscribeAsync(static (_, _) => Task.CompletedTask);

        var id = await typed.PublishAsync(
            new PublishRequest { Event = "e" }, new PublishOptions { Metadata = new Dictionary<string, string> { ["content-type"] = contentType } });

        await fixture.Broker.WhenSettledAsync(settled => settled.MessageId == id && settled.Kind == (expected ? TestSettlementKind.Acked : TestSettlementKind.Nacked));
    }

    [Fact]
    public async Task Bytes_travel_as_they_are_and_are_taken_of_any_content_type()
    {
        await using var fixture = await BusFixture.StartAsync();
        var arrays = fixture.Bus.Event<byte[]>(BusFixture.EventName);
        var memories = fixture.Bus.Event<ReadOnlyMemory<byte>>(BusFixture.EventName);
        var received = new Queue<string>();
        await using var subscription = await memories.SubscribeAsync((value, _) =>
        {
            received.Enqueue(Encoding.UTF8.GetString(value.Span));
            return Task.CompletedTask;
        });

        await fixture.Broker.WhenAckedAsync(await arrays.PublishAsync("abc"u8.ToArray()));
        await fixture.Broker.WhenAckedAsync(await memories.PublishAsync("def"u8.ToArray()));
        await fixture.Broker.WhenAckedAsync(await fixture.Orders.PublishAsync(new Order(1)));

        Assert.Equal(["abc", "def", """{"number":1,"item":"tea"}"""], received);
    }

    [Fact]
    public async Task A_codec_of_the_options_comes_before_the_built_in_and_one_of_the_event_before_that()
    {
        await using var fixture = await BusFixture.StartAsync();
        var bus = new EventBus(fixture.Transport, new EventBusOptions().AddCodec(new WordCodec("text/a")));

        var ofBus = await SendAsync(fixture, bus.Event<string>(BusFixture.EventName), "hello");
        var ofEvent = await SendAsync(fixture, bus.Event(BusFixture.EventName, new WordCodec("text/b")), "hello");
        var builtIn = await SendAsync(fixture, fixture.Bus.Event<string>(BusFixture.EventName), "hello");

        Assert.Equal([("hello", "text/a"), ("hello", "text/b"), ("\"hello\"", "application/json")], [ofBus, ofEvent, builtIn]);
    }

    [Fact]
    public async Task JSON_is_written_again_after_a_value_that_cannot_be_written()
    {
        await using var fixture = await BusFixture.StartAsync();
        var bus = new EventBus(fixture.Transport, new EventBusOptions { Json = JsonTypes.Default.Options });
        var typed = bus.Event<Node>(BusFixture.EventName);
        var loop = new Node();
        loop.Next = loop;

        Assert.Equal("""{"Next":null}""", (await SendAsync(fixture, typed, new Node())).Payload);
        await Assert.ThrowsAnyAsync<Exception>(() => typed.PublishAsync(loop));
        Assert.Equal("""{"Next":null}""", (await SendAsync(fixture, typed, new Node())).Payload);
    }

    // What goes over the wire for a value.
    private static async Task<(string Payload, string ContentType)> SendAsync<T>(BusFixture fixture, Event<T> typed, T value)
    {
        await using var raw = await fixture.Transport.SubscribeAsync(typed.Name);
        await typed.PublishAsync(value);
        var delivery = await raw.NextAsync();
        return (Encoding.UTF8.GetString(delivery.Payload.Span), delivery.Metadata["content-type"]);
    }

    private sealed class WordCodec(string contentType) : IEventCodec<string>
    {
        public string ContentType => contentType;

        public void Encode(string value, IBufferWriter<byte> destination) => destination.Write(Encoding.UTF8.GetBytes(value));

        public string Decode(ReadOnlyMemory<byte> payload) => Encoding.UTF8.GetString(payload.Span);
    }
}

public sealed class Node
{
    public Node? Next { get; set; }
}

[JsonSerializable(typeof(Node))]
internal sealed partial class JsonTypes : JsonSerializerContext;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseUpper)]
[JsonSerializable(typeof(Order))]
internal sealed partial class OrderJson : JsonSerializerContext;
