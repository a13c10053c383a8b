using EventBroker.Client.Bus;
using EventBroker.Client.Connections;
using EventBroker.Client.Subscribing;
using Microsoft.Extensions.Logging;

namespace EventBroker.Client;

/// <summary>A handler at work. It goes on until it is disposed or its subscription ends.</summary>
public sealed class EventSubscription : IAsyncDisposable
{
    // For handlers to notice that they are cancelled.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    // A handler that takes longer until its first await does not await, or computes. To move it costs a small part of that.
    private const int BlockingMilliseconds = 50;

    // The same where whoever stops has no time left.
    private static readonly TimeSpan ShortGrace = TimeSpan.FromSeconds(1);

    private readonly Subscriber _subscriber;
    private readonly IDeliveryProcessor _processor;
    private readonly TimeSpan _stopTimeout;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _taking = new();
    private readonly CancellationTokenSource _handling = new();
    private readonly CancellationTokenSource _overtime = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;
    private int _isStopping;
    private volatile bool _handlersBlock;

    internal EventSubscription(
        Subscriber subscriber,
        HandlerOptions options,
        BrokerConnection connection,
        IDeliveryProcessor processor)
    {
        _subscriber = subscriber;
        _stopTimeout = options.StopTimeout;
        _time = connection.Time;
        _logger = connection.LoggerFactory.CreateLogger<EventBus>();
        _processor = processor;
        Completion = RunAsync(options.Concurrency);

        // Seen, so that a program that does not ask does not hear of it as an unobserved exception; it was logged.
        _ = Completion.ContinueWith(
            static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    /// <summary>Gets the event.</summary>
    public string EventName => _subscriber.EventName;

    /// <summary>Gets a task that ends when nothing is handled any more: without an exception after <see cref="DisposeAsync"/> or
    /// with the transport, or with the one that has ended the subscription, as <see cref="Subscription{TDelivery}.GetAsyncEnumerator"/> throws it.</summary>
    public Task Completion { get; }

    /// <summary>Stops: takes no more messages, waits for the handlers that run, sends their acks and closes the subscription. Handlers that
    /// still run after <see cref="HandlerOptions.StopTimeout"/> are cancelled. Not to be called from the handler itself, which would wait
    /// for its own end.</summary>
    /// <returns>A task that ends when the subscription is closed.</returns>
    public ValueTask DisposeAsync() => new(StopAsync(CancellationToken.None));

    /// <summary>Stops as <see cref="DisposeAsync"/> does. Stopping happens once: whoever asks for it meanwhile or afterwards waits for the same
    /// end.</summary>
    /// <param name="cancellationToken">Cancels the handlers that still run, before <see cref="HandlerOptions.StopTimeout"/> does, and leaves
    /// behind those that ignore it after another second.</param>
    /// <returns>A task that ends when the subscription is closed.</returns>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var overtime = cancellationToken.UnsafeRegister(static self => ((CancellationTokenSource)self!).Cancel(), _overtime);
        if (Interlocked.Exchange(ref _isStopping, 1) == 0)
        {
            // Here and now, so that nothing is taken after the call: nobody but the lanes listens to this token.
            _taking.Cancel();
            _ = EndAsync();
        }

        await _stopped.Task.ConfigureAwait(false);
    }

    private async Task EndAsync()
    {
        try
        {
            if (!await EndsWithinAsync(_stopTimeout, _overtime.Token).ConfigureAwait(false))
            {
                await _handling.CancelAsync().ConfigureAwait(false);
                var grace = _overtime.IsCancellationRequested ? ShortGrace : Grace;
                if (!await EndsWithinAsync(grace, CancellationToken.None).ConfigureAwait(false))
                {
                    BusLog.HandlersLeftBehind(_logger, EventName, Volatile.Read(ref _running));
                }
            }

            await _subscriber.DisposeAsync().ConfigureAwait(false);
            _stopped.SetResult();
        }
#pragma warning disable CA1031 // Whoever has asked for the end hears of it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _stopped.SetException(exception);
        }
    }

    private async Task<bool> EndsWithinAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        if (Completion.IsCompleted || limit == TimeSpan.Zero)
        {
            return Completion.IsCompleted;
        }

        using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var first = await Task.WhenAny(Completion, Task.Delay(limit, _time, wait.Token)).ConfigureAwait(false);
        await wait.CancelAsync().ConfigureAwait(false);
        return first == Completion;
    }

    private async Task RunAsync(int concurrency)
    {
        var loops = Enumerable.Range(0, concurrency).Select(_ => Detached.Run(HandleAsync)).ToList();
        try
        {
            await Task.WhenAll(loops).ConfigureAwait(false);
        }
        finally
        {
            // Where it has ended with a fault, it stays one until this one is disposed of.
            await _subscriber.CloseAsync().ConfigureAwait(false);
        }
    }

    private async Task HandleAsync()
    {
        OwnThread? thread = null;
        try
        {
            while (await WaitAsync().ConfigureAwait(false))
            {
                while (!_taking.IsCancellationRequested && _subscriber.TryRead(out var delivery))
                {
                    if (_handlersBlock)
                    {
                        thread ??= new OwnThread(EventName);
                        await thread.SwitchTo();
                    }

                    Interlocked.Increment(ref _running);
                    await CallAsync(delivery).ConfigureAwait(false);
                    Interlocked.Decrement(ref _running);
                }
            }
        }
        catch
        {
            // The processor meets whatever a handler does. What gets here is broken below it, such as a logger that throws: then all ends,
            // for everybody to see, instead of one lane after the other.
            await _taking.CancelAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            thread?.Dispose();
        }
    }

    // Notices a handler that keeps its thread: from then on all of this subscription have threads of their own.
    private Task CallAsync(Delivery delivery)
    {
        var started = Environment.TickCount64;
        var handled = _processor.HandleAsync(delivery, _handling.Token);
        if (Environment.TickCount64 - started >= BlockingMilliseconds)
        {
            _handlersBlock = true;
        }

        return handled;
    }

    private async ValueTask<bool> WaitAsync()
    {
        try
        {
            return await _subscriber.WaitToReadAsync(_taking.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_taking.IsCancellationRequested)
        {
            return false;
        }
    }
}
