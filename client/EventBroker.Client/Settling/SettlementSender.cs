using System.Diagnostics;
using EventBroker.Client.Connections;
using EventBroker.Client.Diagnostics;
using EventBroker.Client.Errors;
using EventBroker.Client.Subscribing;
using EventBroker.Protos.Event.V1;

namespace EventBroker.Client.Settling;

/// <summary>Sends settlements in batches. Full ones at once; one that is not full when its linger has passed and no call is under
/// way, so that whatever comes during a call shares the next.</summary>
/// <remarks>One for each subscription: a call that is not answered, because a backend is stuck or a settlement is, holds up the others' no longer
/// than it must. What waits here is bounded by what the broker lets the subscription hold unsettled.</remarks>
internal sealed class SettlementSender
{
    // With more, a far broker would get no faster; with one, it would be limited to a batch per round trip.
    private const int MaxCalls = 8;

    private readonly Lock _lock = new();
    private readonly BrokerConnection _connection;
    private readonly CallHeaders _headers;
    private readonly RemoteTransportOptions _options;
    private readonly List<List<SettlementRequest>> _underWay = [];
    private readonly ITimer? _linger;
    private List<SettlementRequest> _waiting = [];
    private bool _starting;
    private bool _lingering;
    private bool _flushing;

    public SettlementSender(BrokerConnection connection, CallHeaders headers)
    {
        _connection = connection;
        _headers = headers;
        _options = connection.Options;
        if (_options.SettlementLinger > TimeSpan.Zero)
        {
            _linger = connection.Time.CreateTimer(
                static self => ((SettlementSender)self!).LingerEnded(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    // What was configured, as far as the broker takes it.
    private int BatchSize => Math.Min(_options.SettlementBatchSize, _connection.Limits.MaxItemsPerCall);

    public void Add(SettlementRequest request)
    {
        lock (_lock)
        {
            _waiting.Add(request);
            if (_linger is null || _waiting.Count >= BatchSize)
            {
                Start();
            }
            else if (!_lingering)
            {
                _lingering = true;
                _linger.Change(_options.SettlementLinger, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Sends what waits, and ends when everything added before is answered or has failed, or when that takes too long.</summary>
    public async Task FlushAsync()
    {
        Task[] all;
        lock (_lock)
        {
            all = [.. _underWay.SelectMany(static batch => batch).Concat(_waiting).Select(static request => request.Task)];
            _flushing = _waiting.Count > 0;
            SendReady();
        }

        // Whoever made a settlement hears of its failure, and the log has it.
        var answered = Task.WhenAll(all);
        await answered.WaitAsync(_options.CloseTimeout, _connection.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!answered.IsCompleted)
        {
            ClientLog.ClosedUnanswered(_connection.Logger, all.Count(static task => !task.IsCompleted), _options.CloseTimeout);
        }
    }

    private void LingerEnded()
    {
        lock (_lock)
        {
            _lingering = false;
            _flushing = true;
            SendReady();
        }
    }

    // Not on the thread that settles: what it settles next joins the batch.
    private void Start()
    {
        if (!_starting && _underWay.Count < MaxCalls)
        {
            _starting = true;
            ThreadPool.UnsafeQueueUserWorkItem(static self => self.Started(), this, preferLocal: false);
        }
    }

    private void Started()
    {
        lock (_lock)
        {
            _starting = false;
            SendReady();
        }
    }

    private void SendReady()
    {
        var size = BatchSize;
        while (_underWay.Count < MaxCalls
            && (_waiting.Count >= size || (_waiting.Count > 0 && (_flushing || (_linger is null && _underWay.Count == 0)))))
        {
            var batch = _waiting;
            if (batch.Count <= size)
            {
                _waiting = [];
            }
            else
            {
                batch = batch.GetRange(0, size);
                _waiting.RemoveRange(0, size);
            }

            _underWay.Add(batch);
            _ = Detached.Run(() => SendAsync(batch));
        }

        _flushing &= _waiting.Count > 0;
    }

    private async Task SendAsync(List<SettlementRequest> batch)
    {
        using var activity = ClientTracing.StartSettle(batch[0].Delivery.EventName, batch.Count, _connection.Options.Address!);
        try
        {
            var request = new AckRequest();
            foreach (var settlement in batch)
            {
                request.Entries.Add(settlement.ToEntry());
            }

            var isRepeat = false;
            var response = await _connection.RunAsync(
                (message, token) =>
                {
                    // So that the broker can tell what it has done already from what comes too late.
                    foreach (var entry in isRepeat ? message.Entries : [])
                    {
                        entry.Repeat = true;
                    }

                    isRepeat = true;
                    return _connection.AttemptAsync(
                        static (connection, message, options) => connection.Events.AckAsync(message, options), message, _headers, source: null, token);
                },
                request,
                CancellationToken.None).ConfigureAwait(false);
            Complete(batch, response, activity);
        }
        catch (EventBrokerException exception) when (exception.IsFinal && batch.Count > BatchSize)
        {
            // A broker that takes fewer in a call, and has said so now.
            lock (_lock)
            {
                _waiting.InsertRange(0, batch);
                _flushing = true;
            }
        }
        catch (EventBrokerException exception)
        {
            ClientTracing.Failed(activity, exception);
            Fail(batch, exception);
        }
#pragma warning disable CA1031 // Such as a token provider's own exception: whoever waits for a result must get one.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ClientTracing.Failed(activity, exception);
            Fail(batch, new EventBrokerException(ErrorCode.Unknown, exception.Message, exception));
        }
        finally
        {
            lock (_lock)
            {
                _underWay.Remove(batch);
                SendReady();
            }
        }
    }

    private void Complete(List<SettlementRequest> batch, AckResponse response, Activity? activity)
    {
        var undone = 0;
        for (var i = 0; i < batch.Count; i++)
        {
            var result = i < response.Results.Count ? FromWire(response.Results[i]) : SettleResult.Settled;
            if (result == SettleResult.Settled && batch[i].Kind == SettlementKind.Ack
                && batch[i].Delivery.Entry is { } entry && !entry.TrySettle())
            {
                // The stream was cut meanwhile and begins again before this message.
                result = SettleResult.Expired;
            }

            if (result == SettleResult.Settled && batch[i] is { Kind: SettlementKind.Extend, Time: { } more } extension)
            {
                extension.Delivery.LeaseAtLeastFor(extension.MadeAt, more);
            }

            _connection.Metrics.Settled(result);
            undone += result == SettleResult.Settled ? 0 : 1;
            batch[i].Answer(result);
        }

        if (undone > 0)
        {
            ClientTracing.Failed(activity, undone, batch.Count, "unsettled");
        }
    }

    private void Fail(List<SettlementRequest> batch, EventBrokerException exception)
    {
        // Where an outage was noticed says nothing of it.
        ClientLog.SettlementFailed(
            _connection.Logger, RpcErrors.IsOutage(exception.Code) && exception.Code != ErrorCode.Unknown ? null : exception, batch.Count, exception.Message);
        foreach (var settlement in batch)
        {
            settlement.Fail(exception);
        }
    }

    private static SettleResult FromWire(AckResult result) => result switch
    {
        AckResult.Settled => SettleResult.Settled,
        AckResult.Expired => SettleResult.Expired,
        AckResult.Unknown => SettleResult.Unknown,
        AckResult.NotYours => SettleResult.Denied,
        AckResult.Invalid => SettleResult.Invalid,
        _ => SettleResult.Failed,
    };
}
