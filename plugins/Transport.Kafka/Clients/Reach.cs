using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Kafka.Clients;

/// <summary>Says in the log that Kafka does not take calls, and that it does again: one line for each change, and a reminder a minute,
/// however many calls meet it.</summary>
internal sealed class Reach(string address, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Reminder = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private volatile bool _isLost;
    private long _lastSaid;
    private long _lostAt;

    /// <summary>Gets whether the last call did not get through.</summary>
    public bool IsLost => _isLost;

    /// <summary>Tells whether Kafka has been out of reach for so long that another call would only wait in vain.</summary>
    public bool IsLostFor(TimeSpan span) => _isLost && time.GetElapsedTime(Volatile.Read(ref _lostAt)) >= span;

    public void Failed(string reason)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            if (_isLost && time.GetElapsedTime(_lastSaid, now) < Reminder)
            {
                return;
            }

            if (!_isLost)
            {
                Volatile.Write(ref _lostAt, now);
            }

            _isLost = true;
            _lastSaid = now;
        }

        KafkaLog.OutOfReach(logger, address, reason);
    }

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

        KafkaLog.InReach(logger, address);
    }
}
