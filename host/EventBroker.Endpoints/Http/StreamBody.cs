using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.Features;

namespace EventBroker.Endpoints.Http;

// The body of a call that streams messages. Between two of them nothing need come for as long as the call lasts; one that has begun must go
// on coming, or what has come of it would be held for ever, on as many streams as a connection may have.
internal sealed class StreamBody : PipeReader, IRequestBodyPipeFeature, IDisposable
{
    // Longer than a single request's, since a stream may have to wait for others of its connection that the broker does not read just now.
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    private readonly PipeReader _inner;
    private readonly int _least;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private ReadOnlySequence<byte> _buffer;
    private bool _hasBegun;
    private (long At, long Length) _begin;
    private volatile bool _isLate;

    public StreamBody(PipeReader inner, int leastPerSecond, TimeProvider time)
    {
        _inner = inner;
        _least = leastPerSecond;
        _time = time;
        _timer = time.CreateTimer(static body => ((StreamBody)body!).GiveUp(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public PipeReader Reader => this;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var read = _inner.ReadAsync(cancellationToken);
        return read.IsCompletedSuccessfully ? new(Take(read.Result)) : WaitAsync(read);
    }

    public override bool TryRead(out ReadResult result)
    {
        if (!_inner.TryRead(out result))
        {
            return false;
        }

        result = Take(result);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    // What was looked at and left is the beginning of a message.
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        var left = _buffer.Slice(consumed, examined).Length;
        var consumesNothing = left == _buffer.Length;
        _buffer = default;
        if (left > 0 && !(_hasBegun && consumesNothing))
        {
            _begin = (_time.GetTimestamp(), left);
        }

        _hasBegun = left > 0;
        _inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => _inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => _inner.Complete(exception);

    public void Dispose() => _timer.Dispose();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> WaitAsync(ValueTask<ReadResult> read)
    {
        if (!_hasBegun)
        {
            return Take(await read);
        }

        _timer.Change(Window, Timeout.InfiniteTimeSpan);
        try
        {
            return Take(await read);
        }
        finally
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private ReadResult Take(ReadResult result)
    {
        if ((_isLate && result.IsCanceled) || IsTooSlow(result))
        {
            _inner.AdvanceTo(result.Buffer.End);
            throw Bodies.TooSlow();
        }

        _buffer = result.Buffer;
        return result;
    }

    private bool IsTooSlow(in ReadResult result)
    {
        if (!_hasBegun || result.IsCompleted || _time.GetElapsedTime(_begin.At) is var passed && passed < Window)
        {
            return false;
        }

        if (result.Buffer.Length - _begin.Length < _least * passed.TotalSeconds)
        {
            return true;
        }

        _begin = (_time.GetTimestamp(), result.Buffer.Length);
        return false;
    }

    private void GiveUp()
    {
        _isLate = true;
        Bodies.CancelRead(_inner);
    }
}
