using System.Text;
using EventBroker.Broker.Settling;
using FsCheck.Xunit;

namespace EventBroker.Broker.Tests;

public class AckIdTests
{
    [Property]
    public bool The_text_form_gives_back_every_part(uint node, ulong subscription, ulong tag, long sequence)
    {
        sequence = (sequence & long.MaxValue) | 1;
        var prefix = new AckId(node, subscription, tag, 0).FormatPrefix();
        Span<byte> text = stackalloc byte[AckId.MaxLength];
        var length = AckId.Format(prefix, sequence, text);
        return AckId.TryParse(text[..length], out var id)
            && (id.Node, id.Subscription, id.Tag, id.Sequence) == (node, subscription, tag, sequence);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAA0")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAxyz")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAffffffffffffffff")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAA11111111111111111")]
    [InlineData("!!!!!!!!!!!!!!!!!!!!!!!!!!!1")]
    public void Anything_else_is_no_ack_id(string text) =>
        Assert.False(AckId.TryParse(Encoding.ASCII.GetBytes(text), out _));
}
