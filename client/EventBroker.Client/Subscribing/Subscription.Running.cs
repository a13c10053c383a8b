using EventBroker.Client.Diagnostics;
using EventBroker.Client.Settling;
using EventBroker.Client.Subscribing;
using EventBroker.Protos.Event.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace EventBroker.Client;

// The life of a subscription: one stream after another.
public sealed partial class Subscription
{
    private static readonly Func<int, TimeSpan> LargeDelay = NackDelays.Doubling(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));

    private readonly ResumePlace _place;
    private int _generation;
    private int _reconnects = -1;
    private int _failures;
    private long _openedAt;
    private bool _isEventBroker;
    private bool _isLimitTold;
    private bool _isLargeTold;

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                var (fault, wasOpen) = await RunStreamAsync().ConfigureAwait(false);
                if (_closing.IsCancellationRequested)
                {
                    throw new OperationCanceledException(_closing.Token);
                }

                _failures++;
                var wait = Backoff(fault, wasOpen);
                Report(fault, wait);
                if (wait is not { } delay)
                {
                    if (fault is StreamEndedException && !_connection.Options.Reconnect.Enabled)
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
                    return;
                }

                Away(fault, delay);
                await Task.Delay(delay, _connection.Time, _closing.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
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

    private void Away(EventBrokerException fault, TimeSpan delay)
    {
        _connection.Health.Waits(this, EventName, fault);
        if (_failures == 1)
        {
            ClientLog.Reconnecting(_connection.Logger, EventName, delay, fault.Message);
        }
        else
        {
            ClientLog.StillReconnecting(_connection.Logger, EventName, _failures, delay, fault.Message);
        }
    }

    private void End(Exception? exception)
    {
        _connection.Health.Ends(this, EventName, exception);
        _buffer.Complete(exception);
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

    private async ValueTask<(EventBrokerException Fault, bool WasOpen)> RunStreamAsync()
    {
        var wasOpen = false;
        try
        {
            using var stream = await OpenStreamAsync().ConfigureAwait(false);
            wasOpen = true;
            await ReadAsync(stream).ConfigureAwait(false);
            return (new StreamEndedException(), wasOpen);
        }
        catch (EventBrokerException fault)
        {
            return (fault, wasOpen);
        }
        catch (RpcException exception)
        {
            _closing.Token.ThrowIfCancellationRequested();
            return ((EventBrokerException)_connection.Failed(exception, CancellationToken.None), wasOpen);
        }
        catch (Exception exception) when (_reconnects >= 0 && !_closing.IsCancellationRequested && exception is not ObjectDisposedException)
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
            if (_place.IsKeptByServer)
            {
                _leases?.Cut();
            }

            _place.Cut();
        }
    }

    private async ValueTask<SubscriptionStream> OpenStreamAsync()
    {
        SubscriptionStream stream;
        try
        {
            stream = await OpenWithinLimitAsync().ConfigureAwait(false);
        }
        catch (EventBrokerException missing) when (missing.Code == ErrorCode.NotFound && _options.RegisterMissingEvent)
        {
            await _transport.RegisterAsync(EventName, _closing.Token).ConfigureAwait(false);
            stream = await OpenWithinLimitAsync().ConfigureAwait(false);
        }

        _isEventBroker = stream.IsEventBroker;

        // What is unsettled is bounded by the broker, in number and bytes. It must not wait in the connection, where it can't be seen grow old.
        _buffer.IsUnbounded = stream.IsEventBroker && !_options.AutoAck;
        _openedAt = _connection.Time.GetTimestamp();
        _reconnects++;
        var resume = _place.Opened(stream);
        if (_reconnects > 0)
        {
            _connection.Metrics.Reconnected(EventName);
        }

        _connection.Health.Works(this);
        ClientLog.Subscribed(_connection.Logger, EventName, _reconnects, resume);
        if (_failures > 0)
        {
            ClientLog.Reconnected(_connection.Logger, EventName, _failures);
        }

        if (resume == ResumeOutcome.Lost)
        {
            ClientLog.ResumedWithLoss(_connection.Logger, EventName);
        }

        Notify(_options.OnOpened, new SubscriptionOpening { EventName = EventName, Reconnects = _reconnects, Resume = resume }, nameof(SubscribeOptions.OnOpened));
        _opened.TrySetResult();
        return stream;
    }

    // The broker's limit is known from any answer of its, a refusal included.
    private async ValueTask<SubscriptionStream> OpenWithinLimitAsync()
    {
        var request = CreateRequest();
        try
        {
            return await TryOpenStreamAsync(request).ConfigureAwait(false);
        }
        catch (EventBrokerException refusal)
            when (refusal.Code == ErrorCode.InvalidArgument && request.MaxInFlight > _connection.Limits.MaxInFlight)
        {
            return await TryOpenStreamAsync(CreateRequest()).ConfigureAwait(false);
        }
    }

    private async ValueTask<SubscriptionStream> TryOpenStreamAsync(SubscribeRequest request)
    {
        _place.Apply(request);
        if (_connection.Options.AttemptTimeout is not { } limit)
        {
            return await SubscriptionStream.OpenAsync(_connection, request, _headers, _closing.Token).ConfigureAwait(false);
        }

        using var timeout = new CancellationTokenSource(limit, _connection.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _closing.Token);
        try
        {
            return await SubscriptionStream.OpenAsync(_connection, request, _headers, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (timeout.IsCancellationRequested && !_closing.IsCancellationRequested)
        {
            throw new EventBrokerException(ErrorCode.DeadlineExceeded, $"the broker did not open the stream within {limit}", exception);
        }
    }

    private async ValueTask ReadAsync(SubscriptionStream stream)
    {
        var sent = _connection.Time.GetTimestamp();
        await using var closing = _closing.Token.Register(static stream => ((SubscriptionStream)stream!).End(), stream).ConfigureAwait(false);
        while (true)
        {
            var next = stream.MoveNextAsync();
            if (!next.IsCompletedSuccessfully)
            {
                // What came with it in one piece has the same time.
                await next.ConfigureAwait(false);
                sent = _connection.Time.GetTimestamp();
            }

            if (!await next.ConfigureAwait(false))
            {
                break;
            }

            var message = stream.Current;
            var isNews = _place.TryAdd(message, out var entry);
            var delivery = new Delivery(this, message, _generation, sent) { Entry = entry };
            if (!isNews)
            {
                // Settled before the cut; the server that has sent it again must know.
                if (delivery.NeedsSettling)
                {
                    _settlements.Add(new SettlementRequest(delivery, SettlementKind.Ack));
                }

                continue;
            }

            if (entry is not null)
            {
                delivery.RetryCount = Math.Max(delivery.RetryCount, entry.Deliveries - 1);
            }

            if (message.IsTooLarge)
            {
                LeaveOut(delivery, message.Size);
                continue;
            }

            if (delivery.NeedsSettling)
            {
                _leases?.Hold(delivery);
            }

            var added = _buffer.AddAsync(delivery, _closing.Token);
            _connection.Metrics.Received(EventName);
            if (!added.IsCompletedSuccessfully)
            {
                // Never where there is a time to settle.
                await added.ConfigureAwait(false);
                sent = _connection.Time.GetTimestamp();
            }
        }
    }

    // A message that the program does not take. To end the stream for it would bring it again, and nothing that lies behind it. Another member
    // of the group may take it, or this program once it allows more.
    private void LeaveOut(Delivery delivery, int size)
    {
        var limit = _connection.Options.MaxMessageBytes;
        _connection.Metrics.LeftOut(EventName);
        if (delivery.RetryCount == 0 || !_isLargeTold)
        {
            _isLargeTold = true;
            ClientLog.LeftOut(_connection.Logger, delivery.Id, EventName, size, limit);
        }

        if (delivery.NeedsSettling)
        {
            _settlements.Add(new SettlementRequest(delivery, SettlementKind.Nack)
            {
                Reason = $"the message has {size} bytes, and its subscriber takes {limit}",
                Time = LargeDelay(delivery.RetryCount),
            });
        }
    }

    // Null to give up.
    private TimeSpan? Backoff(EventBrokerException fault, bool wasOpen)
    {
        var reconnect = _connection.Options.Reconnect;
        var givesUp = !reconnect.Enabled || _failures >= reconnect.MaxConsecutiveFailures;
        if (givesUp || !MayComeBack(fault, wasOpen))
        {
            return null;
        }

        return Resilience.Backoff.Draw(Resilience.Backoff.Limit(reconnect.FirstBackoff, reconnect.LongestBackoff, _failures));
    }

    private bool MayComeBack(EventBrokerException fault, bool wasOpen) => fault.Code switch
    {
        // The identity has expired while the stream was open: the next token is a new one.
        ErrorCode.Unauthenticated => wasOpen && _headers.HasTokenProvider,

        // Somebody else has taken over the consumer id: taking it back would begin a fight.
        ErrorCode.Aborted => _options.ConsumerId is null,
        _ => fault.IsTransient,
    };

    private void Report(EventBrokerException fault, TimeSpan? wait) =>
        Notify(
            _options.OnFault,
            new SubscriptionFault { EventName = EventName, Exception = fault, ConsecutiveFailures = _failures, RetryAfter = wait },
            nameof(SubscribeOptions.OnFault));

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

    // Zero for what the broker allows: then nothing is left unsettled.
    private int InFlight()
    {
        if (_options.AutoAck)
        {
            return _options.MaxInFlight is { } unused ? Math.Min(unused, _connection.Limits.MaxInFlight) : 0;
        }

        var wanted = _options.MaxInFlight ?? (_options.LatestOnly ? 1 : _options.BufferSize);
        var allowed = _connection.Limits.MaxInFlight;
        if (wanted > allowed && !_isLimitTold)
        {
            _isLimitTold = true;
            ClientLog.InFlightLimited(_connection.Logger, EventName, wanted, allowed);
        }

        return Math.Min(wanted, allowed);
    }

    private SubscribeRequest CreateRequest() => new()
    {
        Event = EventName,
        DeliveryMode = _options.WorkerGroup is null ? DeliveryMode.Broadcast : DeliveryMode.WorkerPool,
        WorkerGroup = _options.WorkerGroup ?? "",
        StartFrom = (StartPosition)(int)_options.Start,
        StartTime = _options.StartTime is { } time ? Timestamp.FromDateTimeOffset(time) : null,
        MaxAge = _options.MaxAge is { } age ? Duration.FromTimeSpan(age) : null,
        LatestOnly = _options.LatestOnly,
        BufferSize = _options.BufferSize,
        ConsumerId = _options.ConsumerId ?? "",
        ResumeAfter = _options.ResumeAfter ?? "",
        MaxInFlight = InFlight(),
        AckTimeout = Duration.FromTimeSpan(_options.AckTimeout),
        AutoAck = _options.AutoAck,
    };
}
