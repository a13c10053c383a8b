using System.Text.RegularExpressions;
using EventBroker.Sdk.Messages;
using FsCheck.Xunit;

namespace EventBroker.Sdk.Tests.Messages;

public sealed partial class EventNameTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("_")]
    [InlineData("9")]
    [InlineData("order.created")]
    [InlineData("A-z_0..9-")]
    public void Names_within_the_grammar_are_taken(string name) => Assert.True(EventName.IsValid(name));

    [Theory]
    [InlineData("")]
    [InlineData(".a")]
    [InlineData("-a")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a*")]
    [InlineData("ä")]
    [InlineData("a\n")]
    [InlineData("a\0")]
    public void Names_outside_the_grammar_are_refused(string name) => Assert.False(EventName.IsValid(name));

    [Fact]
    public void A_name_has_at_most_200_characters()
    {
        Assert.True(EventName.IsValid(new string('a', 200)));
        Assert.False(EventName.IsValid(new string('a', 201)));
    }

    [Property(MaxTest = 1_000)]
    public void The_grammar_is_the_documented_one(string? name) =>
        Assert.Equal(Grammar().IsMatch(name ?? ""), EventName.IsValid(name));

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9._-]{0,199}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Grammar();
}
