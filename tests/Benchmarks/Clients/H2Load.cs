using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Benchmarks.Clients;

/// <summary>The load generator of nghttp2 (Debian: nghttp2-client), a client that takes no side.</summary>
internal static partial class H2Load
{
    public static bool IsInstalled { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, "h2load")));

    /// <summary>Posts the body so many times.</summary>
    /// <exception cref="InvalidOperationException">Not every request was answered with 2xx.</exception>
    public static async Task RunAsync(Uri target, string bodyFile, H2LoadShape shape, long requests, CancellationToken cancellation)
    {
        List<string> arguments =
        [
            "-n", requests.ToString(CultureInfo.InvariantCulture),
            "-c", Math.Min(shape.Connections, requests).ToString(CultureInfo.InvariantCulture),
            "-m", shape.StreamsPerConnection.ToString(CultureInfo.InvariantCulture),
            $"--data={bodyFile}",
            "-H", $"content-type: {shape.ContentType}",
        ];
        arguments.AddRange(shape.IsHttp1 ? ["--h1"] : ["-H", "te: trailers"]);
        arguments.Add(target.ToString());

        var start = new ProcessStartInfo("h2load", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("h2load did not start.");
        try
        {
            var errors = process.StandardError.ReadToEndAsync(cancellation);
            var output = await process.StandardOutput.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            var succeeded = Succeeded().Match(output);
            if (process.ExitCode != 0 || !succeeded.Success || long.Parse(succeeded.Groups["count"].ValueSpan, CultureInfo.InvariantCulture) != requests)
                throw new InvalidOperationException($"h2load: not every request succeeded.\n{output}\n{await errors}");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    [GeneratedRegex(@"status codes: (?<count>\d+) 2xx", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Succeeded();
}
