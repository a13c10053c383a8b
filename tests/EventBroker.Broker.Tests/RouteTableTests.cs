using EventBroker.Broker.Routing;

namespace EventBroker.Broker.Tests;

public class RouteTableTests
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
        Assert.Equal(expected, RouteTable.Matches(pattern, name));
}
