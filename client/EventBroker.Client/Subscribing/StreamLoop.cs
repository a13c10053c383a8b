using EventBroker.Client.Connections;
using EventBroker.Client.Diagnostics;
using EventBroker.Client.Resilience;
using Grpc.Core;

namespace EventBroker.Client.Subscribing;

/// <summary>The life of a subscription: one stream after another, until it is closed or refused.</summary>
internal sealed class StreamLoop(
    Subscriber subscriber, RemoteTransport transport, CallHeaders headers, MessageIntake intake, CancellationToken closing)
{
    private readonly BrokerConnection _connection = subscriber.Connection;
    private readonly SubscribeOptions _options = subscriber.Options;
    private readonly StreamOpener _opener = new(subscriber, transport, headers, closing);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ResumePlace? _place;
    private int _generation;
    private int _reconnects = -1;
    private int _failures;
    private long _openedAt;
    private volatile bool _comesAgain;

    /// <summary>Gets a task that ends when the first stream is open, or never will be.</summary>
    public Task Opened => _opened.Task;

    /// <summary>Gets how many streams have ended.</summary>
    public int Generation => Volatile.Read(ref _generation);

    /// <summary>Gets whether what is unsettled when a stream ends comes again.</summary>
    public bool ComesAgain => _comesAgain;

    public bool IsEventBroker { get; private set; }

    /// <summary>Gets where the first stream began, as the server told; empty if it did not.</summary>
    public string StartCursor { get; private set; } = "";

    private string EventName => subscriber.EventName;

    public async Task RunAsync()
    {
        try
        {
            while (true)
            {
                var (fault, wasOpen) = await RunStreamAsync().ConfigureAwait(false);
                closing.ThrowIfCancellationRequested();
                _failures++;
                var wait = MayComeBack(fault, wasOpen) ? Backoff.Next(_connection.Options.Reconnect, _failures) : null;
                var told = new SubscriptionFault { EventName = EventName, Exception = fault, ConsecutiveFailures = _failures, RetryAfter = wait };
                Notify(_options.OnFault, told, nameof(SubscribeOptions.OnFault));
                if (wait is not { } delay)
                {
                    GiveUp(fault);
                    return;
                }

                Away(fault, delay);
                await Task.Delay(delay, _connection.Time, closing).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (closing.IsCancellationRequested)
        {
            End(exception: null);
        }
#pragma warning disable CA1031 // Whatever it is, such as a token provider's own exception, must reach whoever reads.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            End(exception);
        }
    }

    private async ValueTask<(EventBrokerException Fault, bool WasOpen)> RunStreamAsync()
    {
        var wasOpen = false;
        try
        {
            using var stream = await OpenAsync().ConfigureAwait(false);
            wasOpen = true;
            await intake.ReadAsync(stream, _place!, _generation, closing).ConfigureAwait(false);
            return (new StreamEndedException(), wasOpen);
        }
        catch (EventBrokerException fault)
        {
            return (fault, wasOpen);
        }
        catch (RpcException exception)
        {
            closing.ThrowIfCancellationRequested();
            return ((EventBrokerException)_connection.Failed(exception, CancellationToken.None), wasOpen);
        }
        catch (Exception exception) when (_reconnects >= 0 && !closing.IsCancellationRequested && exception is not ObjectDisposedException)
        {
            // Such as a token provider's own: where tokens come from is often away together with the broker.
            return (new EventBrokerException(ErrorCode.Unknown, exception.Message, exception), wasOpen);
        }
        finally
        {
            if (wasOpen && _connection.Time.GetElapsedTime(_openedAt) > _connection.Options.Reconnect.LongestBackoff)
            {
                _failures = 0;
            }

            // What came over the stream is the broker's again.
            Interlocked.Increment(ref _generation);
            if (_comesAgain)
            {
                subscriber.Leases?.Cut();
            }

            _place?.Cut();
        }
    }

    private async ValueTask<SubscriptionStream> OpenAsync()
    {
        var stream = await _opener.OpenAsync(_place, isFirst: _reconnects < 0).ConfigureAwait(false);
        _openedAt = _connection.Time.GetTimestamp();
        if (_reconnects++ < 0)
        {
            StartCursor = stream.StartCursor ?? "";
        }
        else
        {
            _connection.Metrics.Reconnected(EventName);
        }

        IsEventBroker = stream.IsEventBroker;
        var isFromNowOn = _place is { GoesOn: false };
        if (_place?.IsFor(stream) != true)
        {
            _place = ResumePlace.Of(_options, stream, () => ClientLog.LeftBehind(_connection.Logger, EventName, SettledPlace.Limit));
        }

        _comesAgain = stream.IsEventBroker && _place.GoesOn;
        intake.Opened(stream.IsEventBroker);
        TellOpened(isFromNowOn ? ResumeOutcome.Lost : stream.Resume);
        return stream;
    }

    private bool MayComeBack(EventBrokerException fault, bool wasOpen) => fault.Code switch
    {
        // The identity has expired while the stream was open: the next token is a new one.
        ErrorCode.Unauthenticated => wasOpen && headers.HasTokenProvider,
        _ => fault.IsTransient,
    };

    private void TellOpened(ResumeOutcome resume)
    {
        _connection.Health.Works(subscriber);
        ClientLog.Subscribed(_connection.Logger, EventName, _reconnects, resume);
        if (_failures > 0)
        {
            ClientLog.Reconnected(_connection.Logger, EventName, _failures);
        }

        if (resume == ResumeOutcome.Lost)
        {
            ClientLog.ResumedWithLoss(_connection.Logger, EventName);
        }

        var opening = new SubscriptionOpening { EventName = EventName, Reconnects = _reconnects, Resume = resume };
        Notify(_options.OnOpened, opening, nameof(SubscribeOptions.OnOpened));
        _opened.TrySetResult();
    }

    private void Away(EventBrokerException fault, TimeSpan delay)
    {
        _connection.Health.Waits(subscriber, EventName, fault);
        if (_failures == 1)
        {
            ClientLog.Reconnecting(_connection.Logger, EventName, delay, fault.Message);
        }
        else
        {
            ClientLog.StillReconnecting(_connection.Logger, EventName, _failures, delay, fault.Message);
        }
    }

    private void GiveUp(EventBrokerException fault)
    {
        if (fault is StreamEndedException && _connection.Options.Reconnect.MaxRetries == 0)
        {
            End(exception: null);
            return;
        }

        if (_reconnects >= 0)
        {
            // Otherwise whoever wanted to subscribe hears of it.
            ClientLog.SubscriptionFailed(_connection.Logger, fault, EventName, _failures);
        }

        End(fault);
    }

    private void End(Exception? exception)
    {
        _connection.Health.Ends(subscriber, EventName, exception);
        intake.End(exception);
        if (exception is null)
        {
            _opened.TrySetCanceled(CancellationToken.None);
        }
        else
        {
            _opened.TrySetException(exception);
            _ = _opened.Task.Exception;
        }
    }

    private void Notify<T>(Action<T>? callback, T what, string name)
    {
        try
        {
            callback?.Invoke(what);
        }
#pragma warning disable CA1031 // A callback's fault is its own.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ClientLog.CallbackFailed(_connection.Logger, exception, name);
        }
    }
}
