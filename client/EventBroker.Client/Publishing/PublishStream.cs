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
    private readonly BrokerConnection _connection;
    private readonly PublishCall _call;
    private readonly PublishQueue _queue;
    private readonly ArrayBufferWriter<byte> _frames = new();

    private PublishStream(BrokerConnection connection, PublishCall call)
    {
        _connection = connection;
        _call = call;
        _queue = new PublishQueue(connection.Time);
        OpenedAt = connection.Time.GetTimestamp();
    }

    public long OpenedAt { get; }

    /// <summary>Gets whether nothing goes over it any more.</summary>
    public bool IsOver => _queue.IsOver;

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
        var isAdded = _queue.TryAdd(message, out var startsWriting);
        StartIf(startsWriting);
        return isAdded;
    }

    /// <inheritdoc cref="PublishQueue.SilentFor"/>
    public TimeSpan SilentFor() => _queue.SilentFor();

    /// <inheritdoc cref="PublishQueue.IdleFor"/>
    public TimeSpan IdleFor() => _queue.IdleFor();

    /// <inheritdoc cref="PublishQueue.Events"/>
    public IReadOnlyCollection<string> Events() => _queue.Events();

    /// <summary>Takes no more messages, and ends when those that it has are answered.</summary>
    public void Close() => StartIf(_queue.Close());

    /// <summary>Ends the call.</summary>
    public void Cut()
    {
        // What waits is not sent any more.
        _ = _queue.Close();
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
    private void StartIf(bool isNeeded)
    {
        if (isNeeded)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private async Task WriteAsync()
    {
        try
        {
            bool isLast;
            while (_queue.TakePiece(out isLast) is { } piece)
            {
                _frames.ResetWrittenCount();
                foreach (var message in piece)
                {
                    Frame(message.Item);
                }

                await _call.WriteAsync(_frames.WrittenMemory).ConfigureAwait(false);
            }

            if (isLast)
            {
                _call.Complete();
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
        var decided = _queue.Answered(progress.Count, out var first, out var startsWriting);
        StartIf(startsWriting);
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
        var (sent, waiting) = _queue.End();
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
