using System.Globalization;
using System.Runtime.InteropServices;
using EventBroker.Host.Memory;

namespace EventBroker.FunctionalTests.Host;

public sealed class NativeHeapTests
{
    private const int Blocks = 40_000;
    private const int BlockLength = 4096;

    [Fact]
    public void What_was_freed_in_the_midst_of_the_native_heap_goes_back()
    {
        Assert.SkipUnless(NativeHeap.CanTrim, "only the GNU C library has to be asked for it");
        var blocks = Enumerable.Range(0, Blocks).Select(static _ => Marshal.AllocHGlobal(BlockLength)).ToArray();
        foreach (var block in blocks)
        {
            Marshal.WriteByte(block, 1);
        }

        var before = ReadPrivate();

        // The last one stays, so that none of the others lies at the end of the heap, which the library gives back by itself.
        foreach (var block in blocks.AsSpan()[..^1])
        {
            Marshal.FreeHGlobal(block);
        }

        NativeHeap.Trim();
        var after = ReadPrivate();
        Marshal.FreeHGlobal(blocks[^1]);
        Assert.InRange(before - after, Blocks / 2L * BlockLength, long.MaxValue);
    }

    private static long ReadPrivate()
    {
        var line = File.ReadLines("/proc/self/status").First(static l => l.StartsWith("RssAnon:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.AsSpan("RssAnon:".Length).TrimEnd("kB ").Trim(), CultureInfo.InvariantCulture);
    }
}
