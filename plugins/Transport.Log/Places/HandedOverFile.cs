using System.Buffers.Binary;
using System.IO.Hashing;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Local.Places;

namespace EventBroker.Transport.Log.Places;

/// <summary>Notes which messages were handed over, so that a process that dies has not forgotten how often: what is written here is with
/// the operating system when the call returns. A failure of that or of the power may take it; then a count is one too low.</summary>
/// <remarks>Appended to, and begun anew by <see cref="Rotate"/> once it has grown. The last word on a message counts.</remarks>
internal sealed class HandedOverFile : IDisposable
{
    private const int RecordBytes = 32;
    private const int RecordsAtOnce = 64;

    // Room that a full disk can't take away, if there is as much again for others.
    private const long Preallocated = 1024 * 1024;

    private readonly Lock _lock = new();
    private string _path;
    private readonly byte[] _buffer = new byte[RecordBytes * RecordsAtOnce];
    private FileStream _stream;
    private string? _before;
    private long _length;

    public HandedOverFile(string path)
    {
        _path = path;
        _stream = Open();
    }

    /// <summary>Gets how many bytes are written.</summary>
    public long Length => Volatile.Read(ref _length);

    /// <summary>Gets how many notes could not be written, because the disk was full.</summary>
    public long Lost { get; private set; }

    /// <summary>Reads what a process before this one has written.</summary>
    /// <returns>Place, generation and number of each message, and the count that it comes again with.</returns>
    public static Dictionary<(long Place, int Generation, ulong Number), int> Read(string path)
    {
        var counts = new Dictionary<(long, int, ulong), int>();
        foreach (var file in (string[])[Before(path), path])
        {
            if (!File.Exists(file))
            {
                continue;
            }

            ReadOnlySpan<byte> bytes = File.ReadAllBytes(file);
            for (; bytes.Length >= RecordBytes; bytes = bytes[RecordBytes..])
            {
                var record = bytes[..RecordBytes];
                if (BinaryPrimitives.ReadUInt32LittleEndian(record[28..]) != Crc32.HashToUInt32(record[..28]))
                {
                    // The end of what was written, or what a failure of the power has left.
                    continue;
                }

                var place = BinaryPrimitives.ReadInt64LittleEndian(record);
                var number = BinaryPrimitives.ReadUInt64LittleEndian(record[8..]);
                var generation = BinaryPrimitives.ReadInt32LittleEndian(record[16..]);
                var count = BinaryPrimitives.ReadInt32LittleEndian(record[20..]);
                var run = BinaryPrimitives.ReadInt32LittleEndian(record[24..]);
                for (var i = 0; i < run; i++)
                {
                    counts[(place, generation, number + (ulong)i)] = count;
                }
            }
        }

        return counts;
    }

    /// <summary>Notes that messages are handed over: with each, that it comes again with one more.</summary>
    public void HandedOver(long place, Lease lease, ReadOnlySpan<Delivery> deliveries)
    {
        lock (_lock)
        {
            var records = 0;
            for (var i = 0; i < deliveries.Length;)
            {
                var first = deliveries[i];
                var run = 1;
                while (i + run < deliveries.Length
                    && deliveries[i + run].Position.Low == first.Position.Low + (ulong)run
                    && deliveries[i + run].RetryCount == first.RetryCount)
                {
                    run++;
                }

                if (records == RecordsAtOnce)
                {
                    Write(records);
                    records = 0;
                }

                Format(records++, place, lease, first.Position.Low, first.RetryCount + 1, run);
                i += run;
            }

            Write(records);
        }
    }

    /// <summary>Notes with which count a message comes again.</summary>
    public void ComesAgain(long place, Lease lease, ulong number, int count)
    {
        lock (_lock)
        {
            Format(0, place, lease, number, count, run: 1);
            Write(1);
        }
    }

    /// <summary>Takes the place of the file that a process before this one has written, once that is loaded.</summary>
    public void Replace(string path)
    {
        lock (_lock)
        {
            File.Move(_path, path, overwrite: true);
            File.Delete(Before(path));
            _path = path;
        }
    }

    /// <summary>Begins a new file; the one before stays until everything that is still handed over is noted once more.</summary>
    public void Rotate()
    {
        lock (_lock)
        {
            _stream.Dispose();
            _before = Before(_path);
            File.Move(_path, _before, overwrite: true);
            _stream = Open();
        }
    }

    /// <summary>Forgets the file before.</summary>
    public void DropBefore()
    {
        lock (_lock)
        {
            if (_before is not null)
            {
                File.Delete(_before);
                _before = null;
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _stream.Dispose();
        }
    }

    private static string Before(string path) => path + ".before";

    private FileStream Open()
    {
        _length = 0;
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            Share = FileShare.Read | FileShare.Delete,
            BufferSize = 0,
            PreallocationSize = new DriveInfo(Path.GetDirectoryName(_path)!).AvailableFreeSpace > 4 * Preallocated ? Preallocated : 0,
        };
        try
        {
            return new FileStream(_path, options);
        }
        catch (IOException)
        {
            // Full: it grows later, if it can.
            options.PreallocationSize = 0;
            return new FileStream(_path, options);
        }
    }

    private void Format(int index, long place, Lease lease, ulong number, int count, int run)
    {
        var record = _buffer.AsSpan(index * RecordBytes, RecordBytes);
        BinaryPrimitives.WriteInt64LittleEndian(record, place);
        BinaryPrimitives.WriteUInt64LittleEndian(record[8..], number);
        BinaryPrimitives.WriteInt32LittleEndian(record[16..], lease.Generation);
        BinaryPrimitives.WriteInt32LittleEndian(record[20..], count);
        BinaryPrimitives.WriteInt32LittleEndian(record[24..], run);
        BinaryPrimitives.WriteUInt32LittleEndian(record[28..], Crc32.HashToUInt32(record[..28]));
    }

    private void Write(int records)
    {
        try
        {
            RandomAccess.Write(_stream.SafeFileHandle, _buffer.AsSpan(0, records * RecordBytes), _length);
            Volatile.Write(ref _length, _length + (records * RecordBytes));
        }
        catch (IOException)
        {
            // A full disk must not keep messages from their readers.
            Lost += records;
        }
    }
}
