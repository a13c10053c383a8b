using System.Runtime.InteropServices;

namespace EventBroker.Host.Memory;

// The memory of native code: the runtime itself, compression, TLS. The GNU C library keeps what was freed in the midst of it, for each thread's
// part of the heap, until it is told to look; other libraries give it back by themselves or have no such function.
internal static class NativeHeap
{
    private static readonly MallocTrim? _trim = Find();

    private delegate int MallocTrim(nuint pad);

    /// <summary>Gets whether there is something to tell.</summary>
    public static bool CanTrim => _trim is not null;

    /// <summary>Gives free pages back to the system, where that can be asked for. A thread that needs native memory meanwhile waits.</summary>
    public static void Trim() => _trim?.Invoke(0);

    private static MallocTrim? Find() =>
        OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "malloc_trim", out var address)
            ? Marshal.GetDelegateForFunctionPointer<MallocTrim>(address)
            : null;
}
