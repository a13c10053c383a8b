using System.Runtime.InteropServices;

namespace EventBroker.FunctionalTests.Crash;

// What is sent to a process that is not to be killed.
internal static partial class Signals
{
    private const int SigstopOnLinux = 19;
    private const int SigcontOnLinux = 18;
    private const int SigtermOnLinux = 15;

    public static void Stop(int process) => Assert.Equal(0, Kill(process, SigstopOnLinux));

    public static void Continue(int process) => Assert.Equal(0, Kill(process, SigcontOnLinux));

    public static void Terminate(int process) => Assert.Equal(0, Kill(process, SigtermOnLinux));

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
