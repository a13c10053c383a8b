using EventBroker.PluginHosting.Manifests;

namespace EventBroker.PluginHosting.Tests.Loading;

public sealed class ContractRangeTests
{
    [Theory]
    [InlineData("2.0", "2", "2.0", true)]
    [InlineData("2.0", "2", "2.17", true)]
    [InlineData("2.0", "2", "3.0", false)]
    [InlineData("2.1", "2", "2.0", false)]
    [InlineData("1.0", "2", "2.4", true)]
    [InlineData("2.0", "2.3", "2.2", true)]
    [InlineData("2.0", "2.3", "2.3", true)]
    [InlineData("2.0", "2.3", "2.4", false)]
    [InlineData("2.9", "2.10", "2.10", true)]
    public void A_minimum_and_an_exact_or_open_maximum_are_kept(string min, string max, string version, bool isIn) =>
        Assert.Equal(isIn, new ContractRange { Min = min, Max = max }.Contains(version));
}
