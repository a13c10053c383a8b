using EventBroker.Client;
using EventBroker.Transport.Remote.Messages;
using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Remote.Upstream;

/// <summary>Says in the log that the broker behind is out of reach, and that it is back: one line for each change, and a reminder a
/// minute, however many calls and streams meet it.</summary>
internal sealed class Reach(string address, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Reminder = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private volatile bool _isLost;
    private long _lastSaid;

    /// <summary>Something has failed. Unless no answer came, the broker behind was reached all the same.</summary>
    public void Failed(EventBrokerException exception)
    {
        if (!RemoteErrors.IsOutOfReach(exception))
        {
            return;
        }

        lock (_gate)
        {
            var now = time.GetTimestamp();
            if (_isLost && time.GetElapsedTime(_lastSaid, now) < Reminder)
            {
                return;
            }

            _isLost = true;
            _lastSaid = now;
        }

        RemoteLog.OutOfReach(logger, address, exception.Message);
    }

    /// <summary>An answer has come.</summary>
    public void Worked()
    {
        if (!_isLost)
        {
            return;
        }

        lock (_gate)
        {
            if (!_isLost)
            {
                return;
            }

            _isLost = false;
        }

        RemoteLog.InReach(logger, address);
    }
}
