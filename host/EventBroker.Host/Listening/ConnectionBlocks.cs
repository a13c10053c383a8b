using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace EventBroker.Host.Listening;

// Blocks for the server's connections. Its own pools keep as many as were ever needed at once, and give them back over hours; this one keeps
// what a busy broker has in use and leaves the rest to the next garbage collection. After a flood the difference is the memory of the process.
internal sealed class ConnectionBlocks : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    // The size of the server's own. It asks for none in particular, and expects a whole block.
    private const int BlockLength = 4096;

    // 4 MiB.
    private const int MaxKept = 1024;

    private readonly ConcurrentQueue<Block> _kept = new();
    private int _count;

    public override int MaxBufferSize => BlockLength;

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => this;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockLength);
        if (!_kept.TryDequeue(out var block))
        {
            return new Block(this);
        }

        Interlocked.Decrement(ref _count);
        return block.Rent();
    }

    // One pool for all connections, which nobody of them ends.
    protected override void Dispose(bool disposing)
    {
    }

    private void Keep(Block block)
    {
        if (Interlocked.Increment(ref _count) <= MaxKept)
        {
            _kept.Enqueue(block);
        }
        else
        {
            Interlocked.Decrement(ref _count);
        }
    }

    private sealed class Block(ConnectionBlocks pool) : IMemoryOwner<byte>
    {
        private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(BlockLength);
        private int _isRented = 1;

        public Memory<byte> Memory => _bytes;

        public Block Rent()
        {
            _isRented = 1;
            return this;
        }

        // Twice is once: a block that two connections have would tell each what the other one sends.
        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isRented, 0) == 1)
            {
                pool.Keep(this);
            }
        }
    }
}
