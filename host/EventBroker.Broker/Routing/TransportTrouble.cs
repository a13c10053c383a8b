using Microsoft.Extensions.Logging;

namespace EventBroker.Broker.Routing;

/// <summary>Says in the log that a transport takes no settlements, and that it does again: one line for each change, and a reminder a minute, however
/// many subscriptions meet it.</summary>
internal sealed class TransportTrouble(string transport, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Reminder = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private volatile bool _isFailing;
    private long _lastSaid;
    private long _failures;

    public void Failed(Exception? exception, string reason, int count)
    {
        long failures;
        lock (_gate)
        {
            failures = _failures += count;
            var now = time.GetTimestamp();
            if (_isFailing && time.GetElapsedTime(_lastSaid, now) < Reminder)
            {
                reason = "";
            }
            else
            {
                _lastSaid = now;
            }

            _isFailing = true;
        }

        if (reason.Length > 0)
        {
            BrokerLog.SettlementsFail(logger, transport, reason, failures);
        }

        if (exception is not null)
        {
            BrokerLog.SettlementFailure(logger, exception, transport);
        }
    }

    public void Worked()
    {
        if (!_isFailing)
        {
            return;
        }

        long failures;
        lock (_gate)
        {
            failures = _failures;
            _failures = 0;
            if (!_isFailing)
            {
                return;
            }

            _isFailing = false;
        }

        BrokerLog.SettlementsWork(logger, transport, failures);
    }
}
