using EventBroker.Sdk.Authorization;
using Microsoft.Extensions.Logging;

namespace EventBroker.Broker.Access;

/// <summary>Counts every denial and logs a few: whoever is denied may try as often as it likes, and must not fill the log with it.</summary>
internal sealed class Denials(BrokerMetrics metrics, TimeProvider time, ILogger logger)
{
    private const int LinesInPeriod = 10;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private long _begin = time.GetTimestamp();
    private int _lines;
    private long _left;

    /// <summary>Counts one that is told by nothing but the answer.</summary>
    public void Count() => metrics.Denials.Add(1);

    /// <summary>Counts one and logs it, unless there were many just now.</summary>
    public void Add(Caller caller, string operation, string eventName, string reason)
    {
        Count();
        long left;
        lock (_gate)
        {
            var now = time.GetTimestamp();
            if (time.GetElapsedTime(_begin, now) >= Period)
            {
                (_begin, _lines) = (now, 0);
            }

            if (_lines == LinesInPeriod)
            {
                _left++;
                return;
            }

            _lines++;
            (left, _left) = (_left, 0);
        }

        if (left > 0)
        {
            BrokerLog.DenialsLeftOut(logger, left, LinesInPeriod, Period);
        }

        BrokerLog.Denied(logger, operation, eventName, caller.Protocol, caller.RemoteAddress, reason);
    }
}
