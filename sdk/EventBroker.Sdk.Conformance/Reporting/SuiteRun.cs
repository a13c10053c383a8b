using System.Collections.Concurrent;
using System.Reflection;
using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Transports;
using Xunit;
using Xunit.v3;

namespace EventBroker.Sdk.Conformance.Reporting;

/// <summary>The tests of one suite in this run: which are to come, and what has become of each.</summary>
internal sealed class SuiteRun(Type suite)
{
    private const string SkipMark = "$XunitDynamicSkip$";

    private static readonly ConcurrentDictionary<Type, SuiteRun> Runs = new();

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _expected = new(StringComparer.Ordinal);
    private readonly List<(string Test, TransportCapability? Proves, TestResult Result, string Reason)> _results = [];

    public static SuiteRun Of(Type suite) => Runs.GetOrAdd(suite, static s => new SuiteRun(s));

    /// <summary>Gets whether all tests of the suite but this one have run, and none has failed.</summary>
    public bool IsWhole(string but)
    {
        lock (_gate)
        {
            var all = suite.GetMethods()
                .Where(static m => m.GetCustomAttributes().OfType<IDeclaredNeeds>().Any())
                .Select(static m => m.Name)
                .Where(name => name != but);
            return all.All(name => _expected.TryGetValue(name, out var count) && _results.Count(r => r.Test == name) == count)
                && _results.TrueForAll(static r => r.Result is TestResult.Passed or TestResult.Skipped);
        }
    }

    public void Expect(string test, int count)
    {
        lock (_gate)
        {
            _expected[test] = count;
        }
    }

    /// <summary>Notes what became of the test that is just ending.</summary>
    public void Note(ITestContext context, string skipReason)
    {
        if (context.Test is not IXunitTest test || context.TestState is not { } state)
        {
            return;
        }

        var message = state.ExceptionMessages?.FirstOrDefault() ?? "";
        var isSkipped = state.Result == TestResult.Skipped || message.StartsWith(SkipMark, StringComparison.Ordinal);
        lock (_gate)
        {
            _results.Add((
                test.TestMethod.MethodName,
                DeclaredNeeds.Of(test.TestMethod.Method).Proves(test.TestMethodArguments),
                isSkipped ? TestResult.Skipped : state.Result,
                isSkipped ? skipReason : message));
        }
    }

    public CapabilityReport Report(string transport, TransportCapabilities declared)
    {
        lock (_gate)
        {
            return new CapabilityReport
            {
                Transport = transport,
                Guarantee = declared.Guarantee,
                EventOptions = [.. declared.EventOptions.Order()],
                Capabilities = [.. Enum.GetValues<TransportCapability>().Select(c => new CapabilityProof
                {
                    Capability = c,
                    IsDeclared = declared.Has(c),
                    Tests =
                    [
                        .. _results.Where(r => r.Proves == c && r.Result == TestResult.Passed)
                            .Select(static r => r.Test).Distinct().Order(StringComparer.Ordinal),
                    ],
                    Skipped = SkippedOf(c),
                })],
                Skipped = SkippedOf(null),
            };
        }
    }

    private SortedDictionary<string, string> SkippedOf(TransportCapability? capability) => new(
        _results.Where(r => r.Proves == capability && r.Result == TestResult.Skipped)
            .GroupBy(static r => r.Test)
            .ToDictionary(static g => g.Key, static g => g.First().Reason),
        StringComparer.Ordinal);
}
