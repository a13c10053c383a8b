using System.Buffers;
using System.Buffers.Binary;
using EventBroker.Client.Connections;
using EventBroker.Client.Subscribing;
using EventBroker.Protos.Broker.V1;
using Google.Protobuf;
using Grpc.Core;

namespace EventBroker.Client.Publishing;

/// <summary>One call that carries the messages of many publishes, each with an answer of its own: what has gathered while the last ones were
/// written goes in one piece.</summary>
/// <remarks>It lasts until its end, whoever brings that about. Messages that were not answered by then are told so: a broker that shuts down, or
/// that wants to see credentials again, has not published them. Where the connection broke, that is their failure.</remarks>
internal sealed class PublishStream : IThreadPoolWorkItem
{
    // What the broker takes to its transport together, and well below the windows of HTTP/2.
    private const int LargestPiece = 256;
    private const int LargestPieceBytes = 256 * 1024;

    private readonly Lock _lock = new();
    private readonly BrokerConnection _connection;
    private readonly PublishCall _call;
    private readonly ArrayBufferWriter<byte> _frames = new();
    private readonly Queue<PendingPublish> _waiting = new();
    private readonly Queue<PendingPublish> _sent = new();
    private readonly List<PendingPublish> _piece = new(LargestPiece);
    private readonly PieceWindow _window;
    private long _decided = 1;
    private long _lastWord;
    private bool _isWriting;
    private bool _isClosing;
    private bool _isOver;

    private PublishStream(BrokerConnection connection, PublishCall call)
    {
        _connection = connection;
        _call = call;
        _window = new PieceWindow(connection.Time);
        OpenedAt = _lastWord = connection.Time.GetTimestamp();
    }

    public long OpenedAt { get; }

    /// <summary>Gets whether nothing goes over it any more.</summary>
    public bool IsOver
    {
        get
        {
            lock (_lock)
            {
                return _isOver || _isClosing;
            }
        }
    }

    /// <summary>Opens a stream, and ends when the broker has answered over it: whatever lies between lets it through, in both directions.</summary>
    /// <exception cref="RpcException">There is no such call here, or it was refused.</exception>
    public static async Task<PublishStream> OpenAsync(
        BrokerConnection connection, CallHeaders headers, string? source, TimeSpan limit, CancellationToken cancellationToken)
    {
        var metadata = await headers.CreateAsync(source, cancellationToken).ConfigureAwait(false);
        var call = PublishCall.Start(connection.Http, connection.Options.Address!, metadata);
        try
        {
            // Nothing that could be published: without an event it is refused by itself, and the refusal is the answer that is wanted.
            await GreetAsync(call).ConfigureAwait(false);
            if (await call.ReadAsync().AsTask().WaitAsync(limit, connection.Time, cancellationToken).ConfigureAwait(false) is null)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "the publish stream has ended at once"));
            }

            connection.Limits.Learn(call.Headers());
            connection.Monitor.Answered();
            var stream = new PublishStream(connection, call);
            _ = Detached.Run(stream.ReadAsync);
            return stream;
        }
        catch
        {
            call.Cut();
            throw;
        }
    }

    /// <summary>Adds a message, which is sent at once or with the next piece.</summary>
    /// <returns>False if the stream takes none.</returns>
    public bool TryAdd(PendingPublish message)
    {
        lock (_lock)
        {
            if (_isOver || _isClosing)
            {
                return false;
            }

            if (_sent.Count + _waiting.Count == 0)
            {
                _lastWord = _connection.Time.GetTimestamp();
            }

            _waiting.Enqueue(message);
            Start();
            return true;
        }
    }

    /// <summary>Looks for how long the broker has said nothing of what it was sent.</summary>
    /// <returns>Zero if nothing waits for an answer.</returns>
    public TimeSpan SilentFor()
    {
        lock (_lock)
        {
            return _sent.Count + _waiting.Count == 0 ? TimeSpan.Zero : _connection.Time.GetElapsedTime(_lastWord);
        }
    }

    /// <summary>Looks for how long nobody has used it.</summary>
    /// <returns>Zero if something waits for an answer.</returns>
    public TimeSpan IdleFor()
    {
        lock (_lock)
        {
            return _sent.Count + _waiting.Count == 0 ? _connection.Time.GetElapsedTime(_lastWord) : TimeSpan.Zero;
        }
    }

    /// <summary>Lists the events whose messages wait for an answer.</summary>
    public IReadOnlyCollection<string> Waiting()
    {
        lock (_lock)
        {
            return _sent.Concat(_waiting).Select(static message => message.Item.Event).ToHashSet(StringComparer.Ordinal);
        }
    }

    /// <summary>Takes no more messages, and ends when those that it has are answered.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosing = true;
            Start();
        }
    }

    /// <summary>Ends the call.</summary>
    public void Cut()
    {
        lock (_lock)
        {
            _isClosing = true;
        }

        _call.Cut();
    }

    void IThreadPoolWorkItem.Execute() => _ = WriteAsync();

    private static async Task GreetAsync(PublishCall call)
    {
        try
        {
            await call.WriteAsync(new byte[PublishCall.HeaderLength]).ConfigureAwait(false);
        }
        catch (RpcException)
        {
            // Why, whoever reads the answer gets to know.
        }
    }

    // Not on the thread that publishes: what is published next joins the piece.
    private void Start()
    {
        if (!_isWriting && !_isOver)
        {
            _isWriting = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private async Task WriteAsync()
    {
        try
        {
            while (TakePiece())
            {
                _frames.ResetWrittenCount();
                foreach (var message in _piece)
                {
                    Frame(message.Item);
                }

                await _call.WriteAsync(_frames.WrittenMemory).ConfigureAwait(false);
            }
        }
        catch (RpcException)
        {
            // As above.
        }
    }

    private void Frame(PublishItem item)
    {
        var header = _frames.GetSpan(PublishCall.HeaderLength);
        header[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(header[1..], item.CalculateSize());
        _frames.Advance(PublishCall.HeaderLength);
        item.WriteTo(_frames);
    }

    private bool TakePiece()
    {
        bool isLast;
        lock (_lock)
        {
            _piece.Clear();
            if (_window.IsFull && _waiting.Count < LargestPiece && !_isClosing)
            {
                _isWriting = false;
                return false;
            }

            for (var bytes = 0; _piece.Count < LargestPiece && bytes < LargestPieceBytes && _waiting.TryDequeue(out var message);)
            {
                if (!message.IsAbandoned)
                {
                    bytes += message.Size;
                    _piece.Add(message);
                    _sent.Enqueue(message);
                }
            }

            if (_piece.Count > 0)
            {
                _window.Sent(_piece.Count);
                return true;
            }

            isLast = _isClosing;
            _isWriting = isLast;
        }

        if (isLast)
        {
            _call.Complete();
        }

        return false;
    }

    private async Task ReadAsync()
    {
        var failure = default(EventBrokerException);
        try
        {
            while (await _call.ReadAsync().ConfigureAwait(false) is { } progress)
            {
                _connection.Monitor.Answered();
                Answer(progress);
            }
        }
        catch (RpcException exception)
        {
            // What the broker sent as a status says that it did not get to the rest; so does an end from this side, for what may go on.
            var isSaid = exception.Status.DebugException is null || _call.IsCut;
            failure = isSaid ? null : (EventBrokerException)_connection.Failed(exception, CancellationToken.None);
        }
#pragma warning disable CA1031 // Whatever it is, nobody must be left waiting.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = new EventBrokerException(ErrorCode.Internal, exception.Message, exception);
        }

        End(failure);
    }

    private void Answer(PublishProgress progress)
    {
        PendingPublish[] decided;
        long first;
        lock (_lock)
        {
            first = _decided;
            decided = new PendingPublish[Math.Min(progress.Count - first, _sent.Count)];
            for (var i = 0; i < decided.Length; i++)
            {
                decided[i] = _sent.Dequeue();
            }

            _decided = progress.Count;
            _lastWord = _connection.Time.GetTimestamp();
            _window.Answered(_decided);
            if (_waiting.Count > 0)
            {
                Start();
            }
        }

        foreach (var failure in progress.Failures)
        {
            if (failure.Index >= first && failure.Index - first < decided.Length)
            {
                decided[failure.Index - first].TrySetResult(new PublishAnswer(
                    new EventBrokerException((ErrorCode)failure.Code, failure.Message) { IsFinal = failure.Final }, IsGiven: true));
            }
        }

        foreach (var message in decided)
        {
            message.TrySetResult(PublishAnswer.Published);
        }
    }

    private void End(EventBrokerException? failure)
    {
        PendingPublish[] sent, waiting;
        lock (_lock)
        {
            _isOver = true;
            sent = [.. _sent];
            waiting = [.. _waiting];
            _sent.Clear();
            _waiting.Clear();
        }

        _call.Dispose();
        foreach (var message in sent)
        {
            message.TrySetResult(failure is null ? PublishAnswer.None : new PublishAnswer(failure, IsGiven: true));
        }

        foreach (var message in waiting)
        {
            message.TrySetResult(PublishAnswer.None);
        }
    }
}
