using System.Text;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Tests.Transports;

public sealed class ResumeCursorTests
{
    [Fact]
    public void A_cursor_of_a_position_is_written_as_that_position()
    {
        var position = new Position(0xAB, 0x12);
        Assert.Equal(position.ToString(), Write(ResumeCursor.OfPosition, position));
        Assert.Equal("ffffffffffffffff-ffffffffffffffff", Write(ResumeCursor.OfPosition, new Position(ulong.MaxValue, ulong.MaxValue)));
        Assert.Throws<ArgumentException>(() => ResumeCursor.OfPosition.Write(position, new byte[3]));
    }

    [Fact]
    public void A_cursor_of_its_own_text_is_written_whatever_the_position()
    {
        var longest = new string('x', ResumeCursor.MaxLength);
        Assert.Equal("0:17,1:4", Write(new ResumeCursor("0:17,1:4"), new Position(1, 2)));
        Assert.Equal(longest, Write(new ResumeCursor(longest), default));
        Assert.Throws<ArgumentException>(() => new ResumeCursor(longest).Write(default, new byte[10]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("é")]
    [InlineData("a\u007f")]
    public void What_does_not_fit_a_header_is_no_cursor(string text) => Assert.Throws<ArgumentException>(() => new ResumeCursor(text));

    [Fact]
    public void What_is_too_long_is_no_cursor() =>
        Assert.Throws<ArgumentException>(static () => new ResumeCursor(new string('x', ResumeCursor.MaxLength + 1)));

    private static string Write(ResumeCursor cursor, Position position)
    {
        var buffer = new byte[ResumeCursor.MaxLength];
        return Encoding.ASCII.GetString(buffer, 0, cursor.Write(position, buffer));
    }
}
