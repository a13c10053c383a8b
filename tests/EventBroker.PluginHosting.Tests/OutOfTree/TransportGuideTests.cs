using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Settings;
using EventBroker.Sdk.Transports;
using Microsoft.Extensions.Logging.Abstractions;
using SystemProcess = System.Diagnostics.Process;

namespace EventBroker.PluginHosting.Tests.OutOfTree;

/// <summary>Does what docs/transport-guide.md says, from the empty folder on.</summary>
public sealed partial class TransportGuideTests : IDisposable
{
    private readonly FixtureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_guide_leads_to_a_green_suite_and_a_plugin_that_the_host_loads()
    {
        var root = RepositoryRoot();
        var guide = await File.ReadAllTextAsync(Path.Combine(root, "docs", "transport-guide.md"), TestContext.Current.CancellationToken);

        // A version that no cache of this machine has, so that what was packed now is what is used.
        var version = $"0.1.0-guide{Environment.ProcessId}";
        var output = await RunAsync(ScriptOf(guide.Replace("0.1.0", version, StringComparison.Ordinal)), root);

        var summary = Summary().Match(output);
        Assert.True(summary.Success, output);
        Assert.InRange(int.Parse(summary.Groups["passed"].Value, CultureInfo.InvariantCulture), 120, 1_000);
        Assert.InRange(int.Parse(summary.Groups["skipped"].Value, CultureInfo.InvariantCulture), 0, 10);

        var files = Path.Combine(_folder.Root, "files");
        var errors = new List<SettingsError>();
        var plan = _folder.Plan(
            $$"""
            { "transports": { "local": { "plugin": "acme-files", "settings": { "directory": "{{files}}" } } } }
            """,
            errors);
        Assert.DoesNotContain(errors, static e => e.Path.StartsWith("$.transports", StringComparison.Ordinal));
        await using var host = await plan.StartAsync(TimeProvider.System, NullLoggerFactory.Instance, default);
        var transport = host.Transports["local"];
        await transport.RegisterAsync("orders", EventOptions.None, default);
        var message = MessageEncoder.Encode("1", "guide", "{}"u8, null, default);
        await transport.PublishAsync("orders", new TransportMessage(message), default);
        Assert.Equal(["orders"], await transport.ListAsync(default));
    }

    // The commands and files of the page as one script, in their order.
    private static string ScriptOf(string guide)
    {
        var script = new StringBuilder("set -euo pipefail\n");
        foreach (Match block in Block().Matches(guide))
        {
            var (file, language, text) = (block.Groups["file"].Value, block.Groups["language"].Value, block.Groups["text"].Value);
            if (file.Length > 0)
            {
                script.Append(CultureInfo.InvariantCulture, $"cat > '{file}' <<'END_OF_FILE'\n{text}END_OF_FILE\n");
            }
            else if (language == "bash")
            {
                script.Append(text);
            }
        }

        return script.ToString();
    }

    private async Task<string> RunAsync(string script, string root)
    {
        var work = Directory.CreateDirectory(Path.Combine(_folder.Root, "guide")).FullName;
        await File.WriteAllTextAsync(Path.Combine(work, "guide.sh"), script);
        var start = new ProcessStartInfo("bash", ["guide.sh"])
        {
            WorkingDirectory = work,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["EVENTBROKER"] = root;
        start.Environment["BROKER"] = Path.GetDirectoryName(_folder.Plugins)!;

        // A cache of its own; what the machine's has already is taken from there and not from a feed.
        start.Environment["NUGET_FALLBACK_PACKAGES"] = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        start.Environment["NUGET_PACKAGES"] = Path.Combine(work, "cache");
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        using var process = SystemProcess.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await output + await errors);
        return await output;
    }

    private static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "EventBroker.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests run from the repository's build output.");
    }

    // A block of code, with the file's name on the line before if it is one.
    [GeneratedRegex(@"(`(?<file>[^`\n]+)`:\n\n)?```(?<language>[a-z]+)\n(?<text>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 5_000)]
    private static partial Regex Block();

    [GeneratedRegex(@"Passed!\s+- Failed:\s+0, Passed:\s+(?<passed>\d+), Skipped:\s+(?<skipped>\d+)", RegexOptions.ExplicitCapture, 5_000)]
    private static partial Regex Summary();
}
