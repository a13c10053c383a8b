using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Benchmarks.Measuring;

/// <summary>The CPU time that a process has used, user and kernel, over all its threads.</summary>
internal static partial class ProcessClock
{
    /// <summary>Reads the clock. On Linux in nanoseconds; elsewhere in the steps of the system's accounting, about 10 ms.</summary>
    public static TimeSpan Read(int processId)
    {
        if (!OperatingSystem.IsLinux())
        {
            using var process = Process.GetProcessById(processId);
            return process.TotalProcessorTime;
        }

        // The clock id of another process, as clock_getcpuclockid(3) makes it: ~pid << 3, and 2 for scheduler time.
        // /proc/<pid>/stat holds the same figure, rounded to 10 ms.
        if (ClockGetTime((~processId << 3) | 2, out var time) != 0)
            throw new Win32Exception();

        return TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000.0);
    }

    [DllImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ClockGetTime(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Time
    {
        public readonly nint Seconds;
        public readonly nint Nanoseconds;
    }
}
