using Xunit.Sdk;
using Xunit.v3;

namespace EventBroker.Sdk.Conformance.Discovery;

/// <summary>Finds the tests that are marked with <see cref="TransportTheoryAttribute"/>.</summary>
public sealed class TransportTheoryDiscoverer : TheoryDiscoverer
{
    /// <inheritdoc/>
    protected override ValueTask<IReadOnlyCollection<IXunitTestCase>> CreateTestCasesForTheory(
        ITestFrameworkDiscoveryOptions discoveryOptions, IXunitTestMethod testMethod, ITheoryAttribute theoryAttribute)
    {
        var details = TestIntrospectionHelper.GetTestCaseDetails(discoveryOptions, testMethod, theoryAttribute);
        return new([
            new TransportTheoryCase(
                details.ResolvedTestMethod, details.TestCaseDisplayName, details.UniqueID, details.SourceFilePath, details.SourceLineNumber),
        ]);
    }
}
