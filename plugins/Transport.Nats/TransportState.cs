using EventBroker.Nats.Connections;
using EventBroker.Transport.Nats.Settings;
using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Nats;

/// <summary>What the parts of one transport share.</summary>
internal sealed class TransportState(
    string name, NatsTransportSettings settings, NatsLink link, NatsMetrics metrics, ILogger logger)
{
    private static long _lastEpoch;

    /// <summary>Gets the transport's name, for errors.</summary>
    public string Name => name;

    public NatsTransportSettings Settings => settings;

    public NatsLink Link => link;

    public NatsMetrics Metrics => metrics;

    public ILogger Logger => logger;

    /// <summary>Gets what tells this host from others.</summary>
    public string Host { get; } = Guid.NewGuid().ToString("n");

    /// <summary>Gets the higher half of positions: NATS has none, so arrivals are counted for each reader.</summary>
    public static ulong NextEpoch() => (ulong)Interlocked.Increment(ref _lastEpoch);
}
