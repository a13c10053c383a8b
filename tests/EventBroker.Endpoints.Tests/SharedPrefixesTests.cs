using System.Text;
using EventBroker.Broker.Subscribing;
using EventBroker.Endpoints.Json;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Endpoints.Tests;

// A message is encoded once for all subscribers of its event, where there are several.
public sealed class SharedPrefixesTests
{
    private readonly SharedPrefixes _shared = new();

    [Fact]
    public void One_alone_encodes_for_itself()
    {
        var prefixes = _shared.Enter("e");
        Assert.True(prefixes.Get(Delivery("m")).IsEmpty);

        Assert.Same(prefixes, _shared.Enter("e"));
        Assert.False(prefixes.Get(Delivery("m")).IsEmpty);

        prefixes.Leave();
        Assert.True(prefixes.Get(Delivery("m")).IsEmpty);
    }

    [Fact]
    public void Three_share_and_one_that_leaves_takes_nothing_from_the_others()
    {
        var prefixes = EnterTwice();
        _ = _shared.Enter("e");
        Assert.Contains("\"id\":\"m\"", Get(prefixes, Delivery("m")), StringComparison.Ordinal);

        prefixes.Leave();

        // By its position alone: whoever comes second has the same message.
        Assert.Contains("\"id\":\"m\"", Get(prefixes, Delivery("other")), StringComparison.Ordinal);
        Assert.Contains("\"id\":\"other\"", Get(prefixes, Delivery("other", position: 2)), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_messages_of_one_place_are_kept_apart()
    {
        var prefixes = EnterTwice();

        Assert.Contains("\"id\":\"m\"", Get(prefixes, Delivery("m", position: 1)), StringComparison.Ordinal);
        Assert.Contains("\"id\":\"n\"", Get(prefixes, Delivery("n", position: 1 + 128)), StringComparison.Ordinal);
        Assert.Contains("\"id\":\"m\"", Get(prefixes, Delivery("m", position: 1)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_an_interceptor_changed_for_one_or_is_large_is_not_shared()
    {
        var prefixes = EnterTwice();

        Assert.True(prefixes.Get(Delivery("m", isShared: false)).IsEmpty);
        Assert.True(prefixes.Get(Delivery("m", length: 64 * 1024)).IsEmpty);
    }

    [Fact]
    public void An_event_that_everybody_left_begins_anew()
    {
        var prefixes = EnterTwice();
        prefixes.Leave();
        prefixes.Leave();

        Assert.False(prefixes.TryEnter());
        Assert.NotSame(prefixes, _shared.Enter("e"));
    }

    [Fact]
    public void Events_have_nothing_to_do_with_each_other() => Assert.NotSame(_shared.Enter("e"), _shared.Enter("f"));

    private static string Get(EventPrefixes prefixes, OutboundDelivery delivery) => Encoding.UTF8.GetString(prefixes.Get(delivery));

    private static OutboundDelivery Delivery(string id, ulong position = 1, bool isShared = true, int length = 1)
    {
        var message = new MessageEncoder();
        message.WriteId(Encoding.UTF8.GetBytes(id));
        message.WritePayload(new byte[length]);
        return new OutboundDelivery { Message = message.Build(), Position = new Position(0, position), IsShared = isShared };
    }

    private EventPrefixes EnterTwice()
    {
        _ = _shared.Enter("e");
        return _shared.Enter("e");
    }
}
