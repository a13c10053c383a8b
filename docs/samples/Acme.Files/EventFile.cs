using System.Buffers.Binary;
using System.Text;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace Acme.Files;

/// <summary>One event: records of a length and as many bytes, the first of which is the event's name.</summary>
internal sealed class EventFile
{
    private const int HeaderSize = sizeof(int);

    private readonly Lock _gate = new();
    private readonly FileStream _file;
    private readonly List<FileSubscription> _subscriptions = [];
    private readonly long _begin;
    private long _end;
    private Func<BrokerException>? _over;

    private EventFile(FileStream file, string name, long begin, long end)
    {
        _file = file;
        Name = name;
        _begin = begin;
        _end = end;
    }

    public string Name { get; }

    public static EventFile Create(string path, string name)
    {
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read);
        var first = Record(Encoding.UTF8.GetBytes(name));
        RandomAccess.Write(file.SafeFileHandle, first, 0);
        RandomAccess.FlushToDisk(file.SafeFileHandle);
        return new EventFile(file, name, first.Length, first.Length);
    }

    public static EventFile Open(string path)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        var end = 0L;
        string? name = null;
        var begin = 0L;

        // Up to the first record that is not whole: its publisher was never answered.
        while (TryRead(file, end, file.Length, out var bytes))
        {
            end += HeaderSize + bytes.Length;
            name ??= Encoding.UTF8.GetString(bytes);
            begin = begin == 0 ? end : begin;
        }

        file.SetLength(end);
        return name is not null ? new EventFile(file, name, begin, end) : throw new InvalidDataException($"{path} does not begin with an event's name");
    }

    /// <summary>Appends what has not failed yet, for one wait for the disk.</summary>
    public void Append(PublishBatch batch)
    {
        lock (_gate)
        {
            ThrowIfOver();
            try
            {
                _end = Write(batch);
            }
            catch (IOException failure)
            {
                // What was written of it lies behind the end, and the next append writes over it.
                throw new BrokerException(BrokerErrorCode.Unavailable, "the disk does not take it: " + failure.Message, failure);
            }

            _subscriptions.ForEach(static s => s.SignalIfWaiting());
        }
    }

    public FileSubscription Subscribe(ISubscriber subscriber, bool fromBeginning)
    {
        lock (_gate)
        {
            ThrowIfOver();
            var opened = new FileSubscription(this, subscriber, fromBeginning ? _begin : _end);
            _subscriptions.Add(opened);
            return opened;
        }
    }

    public void Leave(FileSubscription subscription)
    {
        lock (_gate)
        {
            _subscriptions.Remove(subscription);
        }
    }

    /// <summary>Reads the record at a place, and says where the next one is.</summary>
    public bool TryRead(ref long at, out Delivery delivery)
    {
        lock (_gate)
        {
            ThrowIfOver();
            delivery = default;
            if (!TryRead(_file, at, _end, out var bytes))
            {
                return false;
            }

            delivery = new Delivery { Message = new EncodedMessage(bytes), Position = new Position(0, (ulong)at) };
            at += HeaderSize + bytes.Length;
            return true;
        }
    }

    /// <summary>Runs something while nothing is appended and nothing ends.</summary>
    public void Look(Action<long, bool> look)
    {
        lock (_gate)
        {
            look(_end, _over is not null);
        }
    }

    public void ThrowIfOver()
    {
        if (_over is not null)
        {
            throw _over();
        }
    }

    public void End(Func<BrokerException> why)
    {
        lock (_gate)
        {
            _over ??= why;
            _subscriptions.ForEach(static s => s.Signal());
            _subscriptions.Clear();
            _file.Dispose();
        }
    }

    public void Delete() => File.Delete(_file.Name);

    private long Write(PublishBatch batch)
    {
        var at = _end;
        for (var i = 0; i < batch.Count; i++)
        {
            if (batch.GetFailure(i) is null)
            {
                var record = Record(batch[i].Message.Bytes.Span);
                RandomAccess.Write(_file.SafeFileHandle, record, at);
                batch.Accept(i, new PublishReceipt { Position = new Position(0, (ulong)at) });
                at += record.Length;
            }
        }

        RandomAccess.FlushToDisk(_file.SafeFileHandle);
        return at;
    }

    private static byte[] Record(ReadOnlySpan<byte> bytes)
    {
        var record = new byte[HeaderSize + bytes.Length];
        BinaryPrimitives.WriteInt32LittleEndian(record, bytes.Length);
        bytes.CopyTo(record.AsSpan(HeaderSize));
        return record;
    }

    private static bool TryRead(FileStream file, long at, long end, out byte[] bytes)
    {
        bytes = [];
        Span<byte> header = stackalloc byte[HeaderSize];
        if (at + HeaderSize > end || RandomAccess.Read(file.SafeFileHandle, header, at) < HeaderSize)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (length < 0 || at + HeaderSize + length > end)
        {
            return false;
        }

        bytes = new byte[length];
        return length == 0 || RandomAccess.Read(file.SafeFileHandle, bytes, at + HeaderSize) == length;
    }
}
