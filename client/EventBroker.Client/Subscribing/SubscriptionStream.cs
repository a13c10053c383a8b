using EventBroker.Client.Connections;
using EventBroker.Protos.Event.V1;
using Google.Protobuf;
using Grpc.Core;

namespace EventBroker.Client.Subscribing;

/// <summary>One stream of a subscription: it lasts until the first fault.</summary>
internal sealed class SubscriptionStream : IDisposable
{
    // Tells EventBroker from other servers of event.v1.
    private const string ContractHeader = "eventbroker-contract";

    // How long a server may keep its headers to itself. EventBroker sends them as soon as it has accepted; the Go event-server sends
    // none before the first message, so after this time the server is asked for its health: the answer says which it is, and that it
    // has got the request before.
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
    private Task<bool>? _first;
    private AsyncUnaryCall<HealthResponse>? _health;

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

    public IncomingMessage Current => _call.ResponseStream.Current;

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
        // Without a token of its own, which would be registered and unregistered for every message.
        var next = _first ?? _call.ResponseStream.MoveNext(CancellationToken.None);
        _first = null;
        return next;
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
        if (!await CompletesSoonAsync(answer, cancellationToken).ConfigureAwait(false))
        {
            await _connection.AttemptAsync(
                static (connection, stream, options) => stream._health = connection.Events.HealthAsync(new HealthRequest(), options),
                this,
                headers,
                source: null,
                cancellationToken).ConfigureAwait(false);
            var health = await _health!.ResponseHeadersAsync.ConfigureAwait(false);
            if (!answer.IsCompleted && health.GetValue(ContractHeader) is null)
            {
                Observe(answer);
                return;
            }
        }

        var received = await answer.WaitAsync(cancellationToken).ConfigureAwait(false);
        var isTold = _connection.Limits.Learn(received);
        IsEventBroker = received.GetValue(ContractHeader) is not null;
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
            _first = _call.ResponseStream.MoveNext(_ended.Token);
            Observe(_first);
            if (isTold || await CompletesSoonAsync(_first, cancellationToken).ConfigureAwait(false))
            {
                await _first.WaitAsync(cancellationToken).ConfigureAwait(false);
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
