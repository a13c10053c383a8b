using EventBroker.Sdk.Messages;

namespace EventBroker.Sdk.Tests.Messages;

public class EventPatternTests
{
    [Theory]
    [InlineData("*", "anything", true)]
    [InlineData("orders.*", "orders.created", true)]
    [InlineData("orders.*", "orders.", true)]
    [InlineData("orders.*", "orders", false)]
    [InlineData("*.created", "orders.created", true)]
    [InlineData("*.created", "orders.created.v2", false)]
    [InlineData("a*b*c", "a-b-b-c", true)]
    [InlineData("a*b*c", "a-c-b", false)]
    [InlineData("exact", "exact", true)]
    [InlineData("exact", "exactly", false)]
    [InlineData("Orders", "orders", false)]
    public void A_star_stands_for_any_characters(string pattern, string name, bool expected) =>
        Assert.Equal(expected, EventPattern.Matches(pattern, name));

    [Theory]
    [InlineData("orders.*", true)]
    [InlineData("*", true)]
    [InlineData("", false)]
    [InlineData("orders.?", false)]
    [InlineData("orders/created", false)]
    [InlineData("Bestellung.ä", false)]
    public void Only_what_a_name_can_match_is_a_pattern(string pattern, bool expected) => Assert.Equal(expected, EventPattern.IsValid(pattern));

    [Fact]
    public void A_pattern_is_no_longer_than_a_name()
    {
        Assert.True(EventPattern.IsValid(new string('a', EventName.MaxLength)));
        Assert.False(EventPattern.IsValid(new string('a', EventName.MaxLength + 1)));
    }
}
