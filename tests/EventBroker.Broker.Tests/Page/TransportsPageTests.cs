using EventBroker.Broker.Capabilities;
using EventBroker.Sdk.Conformance.Reporting;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Tests.Page;

public sealed class TransportsPageTests
{
    private static readonly string Root = FindRoot();

    // The suites see to it that the reports are what their runs show.
    [Fact]
    public async Task The_page_of_transports_is_what_the_reports_say()
    {
        var page = Path.Combine(Root, "docs", "transports.md");
        var expected = new TransportsPage(Reports()).Render();
        if (Environment.GetEnvironmentVariable("EVENTBROKER_UPDATE_REPORTS") == "1")
        {
            await File.WriteAllTextAsync(page, expected, TestContext.Current.CancellationToken);
        }

        Assert.True(File.Exists(page), "docs/transports.md does not exist; CONTRIBUTING.md says how it is made");
        Assert.Equal(expected, await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void What_the_page_says_of_the_broker_is_tested_here() => Assert.True(BrokerTests.AreTests());

    [Fact]
    public void Whatever_the_broker_adds_has_a_test()
    {
        var nothing = EffectiveCapabilities.Of(new TransportCapabilities(DeliveryGuarantee.AtMostOnce));
        Assert.All(
            Enum.GetValues<TransportCapability>().Where(c => nothing[c] == CapabilitySupport.Emulated), static c => Assert.NotEmpty(BrokerTests.Of(c)));
    }

    [Fact]
    public void Every_transport_plugin_has_a_report()
    {
        var plugins = Directory.EnumerateDirectories(Path.Combine(Root, "plugins"), "Transport.*")
            .Select(static p => Path.GetFileName(p).Split('.')[^1].ToLowerInvariant());
        Assert.All(plugins, p => Assert.Contains(Reports(), r => r.Transport.StartsWith(p, StringComparison.Ordinal)));
    }

    private static List<CapabilityReport> Reports() =>
    [
        .. Directory.EnumerateFiles(Path.Combine(Root, "docs", "transports"), "*.json")
            .Order(StringComparer.Ordinal)
            .Select(static f => CapabilityReport.FromJson(File.ReadAllText(f))),
    ];

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "EventBroker.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("the tests run from the repository's build output");
    }
}
