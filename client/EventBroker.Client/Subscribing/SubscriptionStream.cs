using EventBroker.Client.Connections;
using EventBroker.Protos.Event.V1;
using Google.Protobuf;
using Grpc.Core;

namespace EventBroker.Client.Subscribing;

/// <summary>One stream of a subscription: it lasts until the first fault.</summary>
internal sealed class SubscriptionStream : IDisposable
{
    private static readonly Task<bool> HasNext = Task.FromResult(true);

    // How long a server may keep its headers to itself. EventBroker sends them as soon as it has accepted; the Go event-server sends
    // none before the first message, so after this time the server is asked what it is: then it has got the request, too.
    private static readonly TimeSpan HeaderGrace = TimeSpan.FromMilliseconds(250);

    /// <summary>Makes the generated method with a decoder of our own.</summary>
    /// <param name="maxMessageBytes">The largest message that is kept.</param>
    public static Method<SubscribeRequest, IncomingMessage> CreateMethod(int maxMessageBytes) => new(
        MethodType.ServerStreaming,
        EventService.Descriptor.FullName,
        nameof(EventService.EventServiceClient.Subscribe),
        Marshallers.Create(
            static (SubscribeRequest request, SerializationContext context) => context.Complete(request.ToByteArray()),
            static context => SubscribeRequest.Parser.ParseFrom(context.PayloadAsReadOnlySequence())),
        Marshallers.Create<IncomingMessage>(
            static (_, _) => throw new NotSupportedException("deliveries are only received"),
            context => IncomingMessage.Decode(context.PayloadAsReadOnlySequence(), maxMessageBytes)));

    private readonly AsyncServerStreamingCall<IncomingMessage> _call;
    private readonly CancellationTokenSource _ended;
    private readonly BrokerConnection _connection;
    private readonly Queue<IncomingMessage> _held = new();
    private IncomingMessage? _current;
    private Task<bool>? _ahead;

    private SubscriptionStream(BrokerConnection connection, AsyncServerStreamingCall<IncomingMessage> call, CancellationTokenSource ended)
    {
        _connection = connection;
        _call = call;
        _ended = ended;
    }

    /// <summary>Gets whether the server is one that redelivers, delays and extends, and not the Go event-server.</summary>
    public bool IsEventBroker { get; private set; }

    /// <summary>Gets the cursor behind which the first message lies; null if the server can't replay.</summary>
    public string? StartCursor { get; private set; }

    public ResumeOutcome Resume { get; private set; }

    public IncomingMessage Current => _current ?? _call.ResponseStream.Current;

    /// <summary>Opens a stream, and ends when the server has accepted the subscription.</summary>
    public static async ValueTask<SubscriptionStream> OpenAsync(
        BrokerConnection connection, SubscribeRequest request, CallHeaders headers, CancellationToken cancellationToken)
    {
        var metadata = await headers.CreateAsync(source: null, cancellationToken).ConfigureAwait(false);
        var ended = new CancellationTokenSource();
        var call = connection.Invoker.AsyncServerStreamingCall(
            connection.Subscribe, host: null, new CallOptions(metadata, cancellationToken: ended.Token), request);
        var stream = new SubscriptionStream(connection, call, ended);
        try
        {
            await stream.AcceptedAsync(headers, cancellationToken).ConfigureAwait(false);
            return stream;
        }
        catch (RpcException exception)
        {
            stream.Dispose();
            throw connection.Failed(exception, cancellationToken);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Waits for the next message. Throws what the call throws; ended by <see cref="End"/>.</summary>
    /// <returns>False if the server has ended the stream without an error.</returns>
    public Task<bool> MoveNextAsync()
    {
        if (_held.TryDequeue(out _current))
        {
            return HasNext;
        }

        // Without a token of its own, which would be registered and unregistered for every message.
        var next = _ahead ?? _call.ResponseStream.MoveNext(CancellationToken.None);
        _ahead = null;
        return next;
    }

    /// <summary>Begins to wait for what comes behind all that is held.</summary>
    public Task<bool> LookAheadAsync() => _ahead ??= _call.ResponseStream.MoveNext(CancellationToken.None);

    /// <summary>Holds what was looked at ahead, until <see cref="MoveNextAsync"/> comes to it.</summary>
    public void Hold()
    {
        _held.Enqueue(_call.ResponseStream.Current);
        _ahead = null;
    }

    /// <summary>Cancels the call.</summary>
    public void End() => _ended.Cancel();

    public void Dispose()
    {
        _ended.Cancel();
        _call.Dispose();
        _ended.Dispose();
    }

    private async Task AcceptedAsync(CallHeaders headers, CancellationToken cancellationToken)
    {
        var answer = _call.ResponseHeadersAsync;
        if (!await CompletesSoonAsync(answer, cancellationToken).ConfigureAwait(false)
            && !await ServerProbe.IsEventBrokerAsync(_connection, headers, cancellationToken).ConfigureAwait(false)
            && !answer.IsCompleted)
        {
            Observe(answer);
            return;
        }

        var received = await answer.WaitAsync(cancellationToken).ConfigureAwait(false);
        var isTold = _connection.Limits.Learn(received);
        IsEventBroker = ServerProbe.IsEventBroker(received);
        StartCursor = received.GetValue("eventbroker-cursor");
        Resume = received.GetValue("eventbroker-resume") switch
        {
            "exact" => ResumeOutcome.Exact,
            "lost" => ResumeOutcome.Lost,
            "new" => ResumeOutcome.New,
            "kept" => ResumeOutcome.Kept,
            _ => ResumeOutcome.NotAsked,
        };
        if (!IsEventBroker)
        {
            // A refusal has headers too; it shows in the first read, at once or, where it is the Go event-server's, soon.
            _ahead = _call.ResponseStream.MoveNext(_ended.Token);
            Observe(_ahead);
            if (isTold || await CompletesSoonAsync(_ahead, cancellationToken).ConfigureAwait(false))
            {
                await _ahead.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        _connection.Monitor.Answered();
    }

    // Nobody may be left to see it fail.
    private static void Observe(Task task) => _ = task.ContinueWith(
        static failed => failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    private async ValueTask<bool> CompletesSoonAsync(Task task, CancellationToken cancellationToken)
    {
        if (task.IsCompleted)
        {
            return true;
        }

        using var grace = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var wait = Task.Delay(HeaderGrace, _connection.Time, grace.Token);
        var first = await Task.WhenAny(task, wait).ConfigureAwait(false);
        await grace.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return first == task;
    }
}
