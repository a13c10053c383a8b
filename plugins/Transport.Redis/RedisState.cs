using System.Globalization;
using EventBroker.Transport.Redis.Backend;
using EventBroker.Transport.Redis.Messages;
using EventBroker.Transport.Redis.Settings;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis;

/// <summary>What all parts of a transport share.</summary>
internal sealed class RedisState(
    string name, RedisSettings settings, RedisBackend backend, TimeProvider time, RedisMetrics metrics, ILogger logger)
{
    // Tells the consumers of this host from those of others, also after a restart.
    private readonly string _host = Guid.NewGuid().ToString("n")[..12];
    private long _lastConsumer;

    public string Name => name;

    public RedisSettings Settings => settings;

    public RedisBackend Backend => backend;

    public TimeProvider Time => time;

    public RedisMetrics Metrics => metrics;

    public ILogger Logger => logger;

    public Keys Keys { get; } = new(settings.KeyPrefix, backend.DatabaseNumber);

    public EntryReader Entries { get; } = new(settings);

    public RedisValue RetentionValue { get; } = Milliseconds(settings.Retention);

    /// <summary>Makes the name of a consumer that nobody else has.</summary>
    public string NextConsumer() => string.Create(CultureInfo.InvariantCulture, $"{_host}.{Interlocked.Increment(ref _lastConsumer)}");

    public static long Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;
}
