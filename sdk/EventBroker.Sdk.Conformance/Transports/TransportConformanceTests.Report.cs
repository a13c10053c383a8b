using System.Reflection;
using EventBroker.Sdk.Conformance.Discovery;
using EventBroker.Sdk.Conformance.Reporting;
using EventBroker.Sdk.Plugins;
using Xunit;

namespace EventBroker.Sdk.Conformance.Transports;

public abstract partial class TransportConformanceTests<TFixture>
{
    // Where the assembly of a suite says that reports are kept, so that a change of what a transport can do is seen.
    private const string KeptIn = "EventBroker.Conformance.Reports";
    private const string Update = "EVENTBROKER_UPDATE_REPORTS";

    /// <summary>Runs last. Writes what the whole run has shown to <c>conformance/NAME.json</c> beside the tests. Where the assembly has the metadata
    /// <c>EventBroker.Conformance.Reports</c>, the report of a plugin is kept in that folder: it must be the same, or with the environment variable
    /// <c>EVENTBROKER_UPDATE_REPORTS=1</c> it is replaced.</summary>
    /// <returns>A task.</returns>
    [TransportFact]
    [Report]
    public async Task The_report_of_this_run_is_the_one_that_is_kept()
    {
        var run = SuiteRun.Of(GetType());
        SkipUnless(run.IsWhole(but: nameof(The_report_of_this_run_is_the_one_that_is_kept)), "only a part of the suite has run, or failed");
        var assembly = Transport.GetType().Assembly;
        var name = Fixture.ReportName ?? assembly.GetName().Name!.Split('.')[^1].ToLowerInvariant();
        var report = run.Report(name, Transport.Capabilities).ToJson();
        await WriteAsync(Path.Combine(AppContext.BaseDirectory, "conformance", GetType().Name, name + ".json"), report);

        var folder = GetType().Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(static m => m.Key == KeptIn)?.Value;
        if (folder is null || assembly.GetCustomAttribute<EventBrokerPluginAttribute>() is null)
        {
            return;
        }

        SkipWhen(Fixture.ShowsLessBecause is not null, Fixture.ShowsLessBecause ?? "");
        var kept = Path.Combine(folder, name + ".json");
        if (Environment.GetEnvironmentVariable(Update) == "1")
        {
            await WriteAsync(kept, report);
        }

        Assert.True(File.Exists(kept), $"{kept} does not exist; run the suite with {Update}=1, which writes it");
        Assert.True(
            report == await File.ReadAllTextAsync(kept),
            $"{kept} is not what this run has shown; run the suite with {Update}=1, look at the difference and commit it");
    }

    private static async Task WriteAsync(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, text);
    }
}
