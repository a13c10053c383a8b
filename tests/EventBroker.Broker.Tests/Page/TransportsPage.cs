using System.Text;
using EventBroker.Broker.Capabilities;
using EventBroker.Sdk.Conformance.Reporting;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Tests.Page;

// docs/transports.md, made of what the runs of the conformance suites have shown.
internal sealed class TransportsPage(IReadOnlyList<CapabilityReport> reports)
{
    private readonly StringBuilder _text = new();

    public string Render()
    {
        Line("# Transports");
        Line();
        Line("<!-- Generated from docs/transports/*.json, which the conformance suites write; CONTRIBUTING.md says how. -->");
        Line();
        Line("What each transport can do. **Native**: the transport does it. **Emulated**: the broker adds it. *Unsupported*: a call that needs it is");
        Line("refused by name. The number is that of the tests that have shown it in the transport's own run of the suite; below are their names.");
        Line();
        Row("", reports.Select(static r => r.Transport));
        Row("---", reports.Select(static _ => "---"));
        Row("guarantee", reports.Select(static r => r.Guarantee == DeliveryGuarantee.AtLeastOnce ? "at least once" : "at most once"));
        foreach (var capability in Enum.GetValues<TransportCapability>())
        {
            Row($"[{Words(capability)}](#{Words(capability).Replace(' ', '-')})", reports.Select(r => Cell(r, capability)));
        }

        Row("options of an event", reports.Select(static r => r.EventOptions.Count == 0 ? "none" : string.Join(", ", r.EventOptions.Select(Words))));
        foreach (var capability in Enum.GetValues<TransportCapability>())
        {
            Section(capability);
        }

        Line();
        Line("## What every transport does");
        Line();
        Line("The suite's other tests are about every transport. What could not be shown of them:");
        Skipped(static r => r.Skipped);
        return _text.ToString();
    }

    private void Section(TransportCapability capability)
    {
        Line();
        Line("## " + Words(capability));
        Tests(capability, isDeclared: true, "Shown of the transports that do it:");
        Tests(capability, isDeclared: false, "Shown of those that do not:");
        var broker = BrokerTests.Of(capability).ToList();
        if (broker.Count > 0)
        {
            Line();
            Line("Shown of the broker, over a transport that does not:");
            Line();
            broker.ForEach(t => Line($"- `{t}`"));
        }

        if (reports.Any(r => Proof(r, capability).Skipped.Count > 0))
        {
            Line();
            Line("Not shown, or in part:");
            Skipped(r => Proof(r, capability).Skipped);
        }
    }

    private void Tests(TransportCapability capability, bool isDeclared, string title)
    {
        var about = reports.Where(r => Proof(r, capability).IsDeclared == isDeclared).ToList();
        var tests = about.SelectMany(r => Proof(r, capability).Tests).Distinct().Order(StringComparer.Ordinal).ToList();
        if (tests.Count == 0)
        {
            return;
        }

        Line();
        Line(title);
        Line();
        foreach (var test in tests)
        {
            var of = about.Where(r => Proof(r, capability).Tests.Contains(test)).ToList();
            Line($"- `{test}`" + (of.Count == about.Count ? "" : $" ({string.Join(", ", of.Select(static r => r.Transport))})"));
        }
    }

    private void Skipped(Func<CapabilityReport, IReadOnlyDictionary<string, string>> of)
    {
        Line();
        foreach (var report in reports)
        {
            foreach (var (test, reason) in of(report))
            {
                Line($"- {report.Transport}, `{test}`: {reason}");
            }
        }
    }

    private static string Cell(CapabilityReport report, TransportCapability capability)
    {
        var declared = new TransportCapabilities(report.Guarantee, report.Capabilities.Where(static c => c.IsDeclared).Select(static c => c.Capability));
        var shown = Proof(report, capability).Tests.Count;
        var (support, tests) = EffectiveCapabilities.Of(declared)[capability] switch
        {
            CapabilitySupport.Native => ("**native**", shown),
            CapabilitySupport.Emulated => ("emulated", shown + BrokerTests.Of(capability).Count()),
            _ => ("*unsupported*", shown + BrokerTests.Of(capability).Count()),
        };
        return tests == 0 ? support : $"{support} ({tests})";
    }

    private static CapabilityProof Proof(CapabilityReport report, TransportCapability capability) =>
        report.Capabilities.Single(c => c.Capability == capability);

    private static string Words<T>(T name)
        where T : struct, Enum =>
        string.Concat(name.ToString().Select(static (c, at) => char.IsUpper(c) && at > 0 ? $" {char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));

    private void Row(string head, IEnumerable<string> cells) => Line($"| {head} | {string.Join(" | ", cells)} |");

    private void Line(string line = "") => _text.Append(line).Append('\n');
}
