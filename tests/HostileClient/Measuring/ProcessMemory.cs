using System.Globalization;

namespace HostileClient.Measuring;

/// <summary>What a process holds in memory, in bytes.</summary>
/// <param name="Resident">All of it (VmRSS).</param>
/// <param name="Private">What is backed by no file (RssAnon).</param>
internal readonly record struct ProcessMemory(long Resident, long Private)
{
    public static ProcessMemory Read(int processId)
    {
        if (!OperatingSystem.IsLinux())
        {
            using var process = System.Diagnostics.Process.GetProcessById(processId);
            return new ProcessMemory(process.WorkingSet64, process.PrivateMemorySize64);
        }

        var lines = File.ReadAllLines($"/proc/{processId}/status");
        return new ProcessMemory(Find(lines, "VmRSS:"), Find(lines, "RssAnon:"));
    }

    private static long Find(string[] lines, string name)
    {
        var line = Array.Find(lines, line => line.StartsWith(name, StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"/proc has no {name} line: the process has ended.");
        return 1024 * long.Parse(line.AsSpan(name.Length).TrimEnd("kB ").Trim(), CultureInfo.InvariantCulture);
    }
}
