using System.Diagnostics.Metrics;
using EventBroker.Client.Diagnostics;
using EventBroker.Client.Errors;
using EventBroker.Client.Resilience;
using EventBroker.Client.Subscribing;
using EventBroker.Protos.Broker.V1;
using EventBroker.Protos.Event.V1;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;

namespace EventBroker.Client.Connections;

/// <summary>The channel to a broker with all that belongs to it: state, retry, circuit breaker, metrics. Shared by a transport and its
/// views with other headers.</summary>
internal sealed class BrokerConnection : IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly CallPipeline _pipeline;

    public BrokerConnection(
        RemoteTransportOptions options, ILoggerFactory loggerFactory, TimeProvider time, IMeterFactory? meterFactory)
    {
        Options = options;
        Time = time;
        Limits = new BrokerLimits(time);
        LoggerFactory = loggerFactory;
        Logger = loggerFactory.CreateLogger<RemoteTransport>();
        Monitor = new ConnectionMonitor(seesSockets: options.HttpHandler is null, Logger);
        Metrics = new ClientMetrics(meterFactory, options.Address!, () => Monitor.State);
        var handler = ChannelFactory.CreateHandler(options, Monitor);
        Http = new HttpMessageInvoker(handler, disposeHandler: false);
        _channel = ChannelFactory.Create(options, handler, loggerFactory);
        _pipeline = new CallPipeline(options, time, Logger, Metrics);
        Invoker = _channel.CreateCallInvoker();
        Subscribe = SubscriptionStream.CreateMethod(options.MaxMessageBytes);
        Events = new EventService.EventServiceClient(Invoker);
        Broker = new BrokerService.BrokerServiceClient(Invoker);
    }

    public RemoteTransportOptions Options { get; }

    public TimeProvider Time { get; }

    public ILoggerFactory LoggerFactory { get; }

    public ILogger Logger { get; }

    public ConnectionMonitor Monitor { get; }

    public ClientMetrics Metrics { get; }

    public BrokerLimits Limits { get; }

    /// <summary>Gets or sets whether the server has said that it knows no batches, as the Go event-server does; it is not asked again.</summary>
    public bool HasNoBatches { get; set; }

    /// <summary>Gets or sets whether the server has said the same of publish streams.</summary>
    public bool HasNoPublishStreams { get; set; }

    public SubscriptionHealth Health { get; } = new();

    public CallInvoker Invoker { get; }

    /// <summary>Gets what sends requests below the channel, over the same connections.</summary>
    public HttpMessageInvoker Http { get; }

    public Method<SubscribeRequest, IncomingMessage> Subscribe { get; }

    public EventService.EventServiceClient Events { get; }

    public BrokerService.BrokerServiceClient Broker { get; }

    /// <summary>Makes a unary call, with retries as configured.</summary>
    public ValueTask<TResponse> CallAsync<TRequest, TResponse>(
        Func<BrokerConnection, TRequest, CallOptions, AsyncUnaryCall<TResponse>> call,
        TRequest request,
        CallHeaders headers,
        CancellationToken cancellationToken,
        string? source = null) =>
        RunAsync(
            static (state, token) => state.Self.AttemptAsync(state.call, state.request, state.headers, state.source, token),
            (Self: this, call, request, headers, source),
            cancellationToken);

    /// <summary>Runs an attempt of any kind, with retries as configured, also of what has failed by its result.</summary>
    public ValueTask<TResult> RunAsync<TState, TResult>(
        Func<TState, CancellationToken, ValueTask<TResult>> attempt,
        TState state,
        CancellationToken cancellationToken,
        Func<TResult, EventBrokerException?>? failureOf = null) =>
        _pipeline.RunAsync(attempt, state, failureOf, cancellationToken);

    /// <summary>Makes a unary call once.</summary>
    public async ValueTask<TResponse> AttemptAsync<TRequest, TResponse>(
        Func<BrokerConnection, TRequest, CallOptions, AsyncUnaryCall<TResponse>> call,
        TRequest request,
        CallHeaders headers,
        string? source,
        CancellationToken cancellationToken)
    {
        var metadata = await headers.CreateAsync(source, cancellationToken).ConfigureAwait(false);
        try
        {
            var response = await call(this, request, new CallOptions(metadata, cancellationToken: cancellationToken)).ConfigureAwait(false);
            Monitor.Answered();
            return response;
        }
        catch (RpcException exception)
        {
            throw Failed(exception, cancellationToken);
        }
    }

    /// <summary>Notes what a failed call says about the connection and the broker's limits.</summary>
    /// <returns>The exception to throw: a cancellation only if it was asked for here, since a server may answer CANCELLED
    /// or DEADLINE_EXCEEDED of its own accord.</returns>
    public Exception Failed(RpcException exception, CancellationToken cancellationToken)
    {
        if (exception.StatusCode == StatusCode.Cancelled && cancellationToken.IsCancellationRequested)
        {
            return new OperationCanceledException(exception.Status.Detail, exception, cancellationToken);
        }

        // Whatever it says, a status that was sent is an answer; one that was made on this side has an exception with it.
        if (exception.Status.DebugException is null && exception.StatusCode != StatusCode.Cancelled)
        {
            Monitor.Answered();
        }
        else
        {
            Monitor.Failed();
        }

        Limits.Learn(exception.Trailers);
        return RpcErrors.Translate(exception);
    }

    public void Dispose()
    {
        Monitor.Close();
        _channel.Dispose();
        Http.Dispose();
        Metrics.Dispose();
    }
}
