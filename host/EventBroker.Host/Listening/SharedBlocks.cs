using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace EventBroker.Host.Listening;

// Blocks for the server's connections. Its own pools keep as many as were ever needed at once, and give them back over hours; the runtime's
// shared pool keeps few and leaves the rest to the next garbage collection. After a flood the difference is the memory of the process.
internal sealed class SharedBlocks : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    // The size of the server's own. It asks for none in particular, and expects a whole block.
    private const int BlockLength = 4096;

    public override int MaxBufferSize => BlockLength;

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => this;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => minBufferSize <= BlockLength
        ? Shared.Rent(BlockLength)
        : throw new ArgumentOutOfRangeException(nameof(minBufferSize), minBufferSize, $"A block has {BlockLength} bytes.");

    protected override void Dispose(bool disposing)
    {
    }
}
