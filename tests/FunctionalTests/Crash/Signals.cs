using System.Runtime.InteropServices;

namespace EventBroker.FunctionalTests.Crash;

// What stops a process without ending it.
internal static partial class Signals
{
    private const int SigstopOnLinux = 19;
    private const int SigcontOnLinux = 18;

    public static void Stop(int process) => Assert.Equal(0, Kill(process, SigstopOnLinux));

    public static void Continue(int process) => Assert.Equal(0, Kill(process, SigcontOnLinux));

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
