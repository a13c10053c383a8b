using Xunit.Sdk;
using Xunit.v3;

namespace EventBroker.Sdk.Conformance.Reporting;

/// <summary>Runs the test that makes the report behind all others.</summary>
public sealed class ReportLast : ITestMethodOrderer
{
    /// <inheritdoc/>
    public IReadOnlyCollection<TTestMethod?> OrderTestMethods<TTestMethod>(IReadOnlyCollection<TTestMethod?> testMethods)
        where TTestMethod : notnull, ITestMethod =>
        [.. DefaultTestMethodOrderer.Instance.OrderTestMethods(testMethods).OrderBy(static m => m is IXunitTestMethod test && IsReport(test))];

    private static bool IsReport(IXunitTestMethod test) => test.Method.IsDefined(typeof(ReportAttribute), inherit: false);
}
