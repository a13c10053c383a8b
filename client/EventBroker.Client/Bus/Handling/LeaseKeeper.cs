using EventBroker.Client.Diagnostics;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace EventBroker.Client.Bus;

/// <summary>Extends the deliveries whose handlers take long, and those that wait behind them. One timer for all of them, so that the
/// many that are handled quickly cost nothing.</summary>
internal sealed class LeaseKeeper : IDisposable
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    private readonly Subscription _subscription;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TimeSpan _ackTimeout;
    private readonly TimeSpan _limit;
    private readonly Lane[] _lanes;
    private readonly ITimer _timer;
    private volatile bool _isOff;
    private bool _isUnsupported;

    public LeaseKeeper(Subscription subscription, HandlerOptions options, Lane[] lanes, TimeProvider time, ILogger logger)
    {
        _subscription = subscription;
        _time = time;
        _logger = logger;
        _ackTimeout = options.Subscription.AckTimeout;
        _limit = options.MaxExtension;
        _lanes = lanes;

        // Due after a half, looked for every quarter: asked for after three quarters at the latest.
        _timer = time.CreateTimer(
            static self => ((LeaseKeeper)self!).ExtendDue(), this, _ackTimeout / 4, _ackTimeout / 4);
    }

    public void Dispose()
    {
        _isOff = true;
        _timer.Dispose();
    }

    private void ExtendDue()
    {
        foreach (var lane in _lanes)
        {
            Check(lane);
        }

        foreach (var waiting in _subscription.ListWaiting())
        {
            // Not for ever: the handler before it may have got stuck.
            if (!_isOff && _time.GetElapsedTime(waiting.LeasedAt) >= _ackTimeout / 2 && _time.GetElapsedTime(waiting.ReceivedAt) < _limit)
            {
                _ = ExtendAsync(waiting, _ackTimeout);
            }
        }
    }

    /// <summary>Extends what is in a lane if it is due, such as a message that has waited in the buffer.</summary>
    public void Check(Lane lane)
    {
        if (!_isOff && lane.TakeDue(_time, _ackTimeout / 2, _limit, out var left) is { } delivery)
        {
            var time = left < _ackTimeout ? left : _ackTimeout;
            _ = ExtendAsync(delivery, time < Shortest ? Shortest : time, lane);
        }
    }

    private async Task ExtendAsync(Delivery delivery, TimeSpan time, Lane? lane = null)
    {
        // From now on it is not asked for again, and what comes to its handler meanwhile is not thought too old.
        var before = delivery.LeasedAt;
        delivery.LeasedAt = _time.GetTimestamp();
        try
        {
            var result = await delivery.ExtendAsync(time).ConfigureAwait(false);
            if (result is not SettleResult.Settled)
            {
                delivery.LeasedAt = before;
                BusLog.NotExtended(_logger, delivery.Id, delivery.EventName, result);
            }
        }
        catch (EventBrokerException exception) when (exception.Code == StatusCode.Unimplemented)
        {
            if (!Interlocked.Exchange(ref _isUnsupported, true))
            {
                BusLog.ExtensionUnsupported(_logger, delivery.EventName);
            }

            _isOff = true;
            delivery.LeasedAt = before;
        }
        catch (EventBrokerException)
        {
            // Logged where it was sent.
            delivery.LeasedAt = before;
            lane?.Missed(delivery);
        }
    }
}
