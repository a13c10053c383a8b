using System.Diagnostics;
using System.Runtime.Loader;
using Serilog.Core;

namespace EventBroker.Host.Startup;

// An exception on a thread that a plugin has started ends the process, whatever anybody does. It does not end it without a word.
internal static class CrashLog
{
    // EX_SOFTWARE of sysexits.h.
    private const int ExitCode = 70;

    public static void Watch(Logger output, ILogger log) => AppDomain.CurrentDomain.UnhandledException += (_, crash) =>
    {
        var exception = (Exception)crash.ExceptionObject;
        var origin = OriginOf(exception);
        HostLog.Crashed(log, exception, origin);
        output.Dispose();
        Environment.Exit(ExitCode);
    };

    // The plugin's assembly, where its own code is on the stack.
    private static string OriginOf(Exception exception) => new StackTrace(exception).GetFrames()
        .Select(static f => f.GetMethod()?.Module.Assembly)
        .FirstOrDefault(static a => a is not null && AssemblyLoadContext.GetLoadContext(a) != AssemblyLoadContext.Default)?.GetName().Name ?? "the broker";
}
