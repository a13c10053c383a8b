using System.Text;
using EventBroker.Sdk.Messages;
using FsCheck.Xunit;

namespace EventBroker.Sdk.Tests.Messages;

public sealed class PositionTests
{
    [Property]
    public void The_text_form_reads_back(ulong high, ulong low)
    {
        var position = new Position(high, low);
        Span<byte> buffer = stackalloc byte[Position.MaxTextLength];
        Assert.True(position.TryFormat(buffer, out var written));
        var text = Encoding.ASCII.GetString(buffer[..written]);
        Assert.Equal(position.ToString(), text);
        Assert.True(Position.TryParse(text, out var again));
        Assert.Equal(position, again);
    }

    [Property]
    public void Positions_order_as_128_bit_numbers(ulong highA, ulong lowA, ulong highB, ulong lowB)
    {
        var (a, b) = (new Position(highA, lowA), new Position(highB, lowB));
        var expected = new UInt128(highA, lowA).CompareTo(new UInt128(highB, lowB));
        Assert.Equal(Math.Sign(expected), Math.Sign(a.CompareTo(b)));
        Assert.Equal(expected < 0, a < b);
        Assert.Equal(expected > 0, a > b);
        Assert.Equal(expected <= 0, a <= b);
        Assert.Equal(expected >= 0, a >= b);
        Assert.Equal(expected == 0, a == b);
        Assert.Equal(expected != 0, a != b);
    }

    [Property]
    public void A_destination_that_is_too_small_is_said_so(ulong high, ulong low)
    {
        var position = new Position(high, low);
        var length = position.ToString().Length;
        var buffer = new byte[length];
        Assert.True(position.TryFormat(buffer, out _));
        for (var i = 0; i < length; i++)
        {
            Assert.False(position.TryFormat(buffer.AsSpan(0, i), out _));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("1")]
    [InlineData("1-")]
    [InlineData("-1")]
    [InlineData("1-2-3")]
    [InlineData("g-1")]
    [InlineData(" 1-1")]
    [InlineData("1-+1")]
    [InlineData("0x1-1")]
    [InlineData("11111111111111111-1")]
    public void What_is_no_position_is_refused(string text) => Assert.False(Position.TryParse(text, out _));
}
