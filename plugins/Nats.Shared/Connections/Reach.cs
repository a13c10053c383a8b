using Microsoft.Extensions.Logging;

namespace EventBroker.Nats.Connections;

/// <summary>Says in the log that NATS is out of reach, and that it is back: one line for each change, and a reminder a minute, however many
/// calls meet it.</summary>
internal sealed class Reach(string servers, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Reminder = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private volatile bool _isLost;
    private bool _wasThere;
    private long _lastSaid;

    public bool IsLost => _isLost;

    public void Failed(string reason)
    {
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

        NatsLog.OutOfReach(logger, servers, reason);
    }

    public void Worked(string server, string version)
    {
        bool wasThere;
        lock (_gate)
        {
            if (_wasThere && !_isLost)
            {
                return;
            }

            wasThere = _wasThere || _isLost;
            _wasThere = true;
            _isLost = false;
        }

        if (wasThere)
        {
            NatsLog.InReach(logger, server);
        }
        else
        {
            NatsLog.Connected(logger, server, version);
        }
    }
}
