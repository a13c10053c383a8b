using System.Text;
using EventBroker.Endpoints.Grpc;
using EventBroker.Sdk.Messages;

namespace EventBroker.Endpoints.Tests;

public sealed class EventNamesTests
{
    [Fact]
    public void A_name_that_comes_again_is_the_same_string()
    {
        var first = EventNames.Get("names.again"u8);

        Assert.Equal("names.again", first);
        Assert.Same(first, EventNames.Get("names.again"u8));
    }

    // More of them than are kept, twice: what is in a slot must never be taken for another name.
    [Fact]
    public void Names_that_share_a_slot_are_told_apart()
    {
        foreach (var name in Enumerable.Range(0, 3000).Concat(Enumerable.Range(0, 3000)).Select(static i => $"names.{i}"))
        {
            Assert.Equal(name, EventNames.Get(Encoding.UTF8.GetBytes(name)));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(EventName.MaxLength)]
    [InlineData(EventName.MaxLength + 1)]
    public void A_name_of_any_length_is_read(int length)
    {
        var name = new string('n', length);

        Assert.Equal(name, EventNames.Get(Encoding.UTF8.GetBytes(name)));
    }

    [Fact]
    public void What_is_no_name_is_read_as_well() => Assert.Equal("é", EventNames.Get("é"u8));
}
