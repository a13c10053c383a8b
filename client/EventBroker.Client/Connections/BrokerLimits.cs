using System.Globalization;
using Grpc.Core;

namespace EventBroker.Client.Connections;

/// <summary>What the broker has last said that it takes; without a word of it no limit is known.</summary>
internal sealed class BrokerLimits(TimeProvider time)
{
    // A broker that is started anew with other limits tells those who subscribe. Whoever only publishes finds out by trying.
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private int _maxInFlight = int.MaxValue;
    private int _maxItemsPerCall = int.MaxValue;
    private int _maxMessageBytes = int.MaxValue;
    private long _learnedAt;

    /// <summary>Gets the most that a subscription may have in flight.</summary>
    public int MaxInFlight => Volatile.Read(ref _maxInFlight);

    /// <summary>Gets how many messages or settlements a call may hold.</summary>
    public int MaxItemsPerCall => Volatile.Read(ref _maxItemsPerCall);

    /// <summary>Gets the largest message; believed for a minute, since what is not sent for it is not answered either.</summary>
    public int MaxMessageBytes
    {
        get
        {
            var limit = Volatile.Read(ref _maxMessageBytes);
            return limit == int.MaxValue || time.GetElapsedTime(Volatile.Read(ref _learnedAt)) < Lifetime ? limit : int.MaxValue;
        }
    }

    /// <summary>Notes what headers or trailers say.</summary>
    /// <returns>Whether they say something, as only EventBroker's do.</returns>
    public bool Learn(Metadata headers)
    {
        if (!Read(headers, "eventbroker-max-in-flight", ref _maxInFlight))
        {
            return false;
        }

        Read(headers, "eventbroker-max-items-per-call", ref _maxItemsPerCall);
        Volatile.Write(ref _learnedAt, time.GetTimestamp());
        Read(headers, "eventbroker-max-message-bytes", ref _maxMessageBytes);
        return true;
    }

    private static bool Read(Metadata headers, string name, ref int limit)
    {
        if (!int.TryParse(headers.GetValue(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value <= 0)
        {
            return false;
        }

        Volatile.Write(ref limit, value);
        return true;
    }
}
