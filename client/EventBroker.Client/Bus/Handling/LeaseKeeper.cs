using EventBroker.Client.Diagnostics;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace EventBroker.Client.Bus;

/// <summary>Extends the deliveries whose handlers take long. One timer for all of them, so that the many that are handled
/// quickly cost nothing.</summary>
internal sealed class LeaseKeeper : IDisposable
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    private readonly string _eventName;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TimeSpan _ackTimeout;
    private readonly TimeSpan _limit;
    private readonly Lane[] _lanes;
    private readonly ITimer _timer;
    private volatile bool _isOff;

    public LeaseKeeper(string eventName, HandlerOptions options, Lane[] lanes, TimeProvider time, ILogger logger)
    {
        _eventName = eventName;
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
    }

    /// <summary>Extends what is in a lane if it is due, such as a message that has waited in the buffer.</summary>
    public void Check(Lane lane)
    {
        if (!_isOff && lane.TakeDue(_time, _ackTimeout / 2, _limit, out var left) is { } delivery)
        {
            var time = left < _ackTimeout ? left : _ackTimeout;
            _ = ExtendAsync(lane, delivery, time < Shortest ? Shortest : time);
        }
    }

    private async Task ExtendAsync(Lane lane, Delivery delivery, TimeSpan time)
    {
        try
        {
            var result = await delivery.ExtendAsync(time).ConfigureAwait(false);
            if (result is not SettleResult.Settled)
            {
                BusLog.NotExtended(_logger, delivery.Id, _eventName, result);
            }
        }
        catch (EventBrokerException exception) when (exception.Code == StatusCode.Unimplemented)
        {
            if (!Interlocked.Exchange(ref _isUnsupported, true))
            {
                BusLog.ExtensionUnsupported(_logger, _eventName);
            }

            _isOff = true;
        }
        catch (EventBrokerException)
        {
            // Logged where it was sent.
            lane.Missed(delivery);
        }
    }

    private bool _isUnsupported;
}
