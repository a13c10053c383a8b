using Xunit.Sdk;
using Xunit.v3;

namespace EventBroker.Sdk.Conformance.Discovery;

/// <summary>Finds the tests that are marked with <see cref="TransportFactAttribute"/>.</summary>
public sealed class TransportFactDiscoverer : FactDiscoverer
{
    /// <inheritdoc/>
    protected override IXunitTestCase CreateTestCase(
        ITestFrameworkDiscoveryOptions discoveryOptions, IXunitTestMethod testMethod, IFactAttribute factAttribute)
    {
        var details = TestIntrospectionHelper.GetTestCaseDetails(discoveryOptions, testMethod, factAttribute);
        return new TransportFactCase(
            details.ResolvedTestMethod, details.TestCaseDisplayName, details.UniqueID, details.SourceFilePath, details.SourceLineNumber);
    }
}
