using System.Globalization;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Settings;
using EventBroker.Transport.Redis.Settings;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Backend;

/// <summary>Looks whether a Redis can be used: at start, and when it comes into reach later.</summary>
internal sealed class BackendCheck(RedisSettings settings, string address, Distrust distrust, ILogger logger)
{
    private static readonly Version Oldest = new(7, 0);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private string? _refusal;

    /// <summary>Gets why this Redis is not used; null if it is.</summary>
    public string? Refusal => Volatile.Read(ref _refusal);

    /// <summary>Opens a connection. Only over Sentinels that can fail: the client library goes on trying by itself otherwise.</summary>
    public async Task<T> ConnectAsync<T>(Func<Task<T>> connect, TimeProvider time, CancellationToken cancellationToken)
    {
        var begin = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await connect().WaitAsync(cancellationToken);
            }
            catch (RedisConnectionException exception)
            {
                if (time.GetElapsedTime(begin) >= settings.StartTimeout)
                {
                    throw new BrokerException(
                        BrokerErrorCode.Unavailable,
                        $"No Sentinel tells of a master that answers: {address}, tried for {DurationText.Format(settings.StartTimeout)}. {distrust.Reason}"
                        + "Check the addresses and serviceName in connectionString, and the credentials; startWithoutRedis does not help here",
                        exception);
                }

                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    /// <summary>Waits until Redis answers, for as long as the settings allow.</summary>
    public async Task StartAsync(ConnectionMultiplexer connection, TimeProvider time, CancellationToken cancellationToken)
    {
        var begin = time.GetTimestamp();
        while (true)
        {
            try
            {
                var figures = await ReadAsync(connection).WaitAsync(cancellationToken);
                if (Judge(figures) is { } refusal)
                {
                    throw new BrokerException(BrokerErrorCode.FailedPrecondition, refusal);
                }

                RedisLog.Started(logger, figures.Version, address, figures.Mode, settings.KeyPrefix);
                return;
            }
            catch (Exception exception) when (RedisErrors.Map(exception) is { Code: BrokerErrorCode.Unavailable } failure)
            {
                if (time.GetElapsedTime(begin) >= settings.StartTimeout || failure.Message.Contains("credentials", StringComparison.Ordinal))
                {
                    if (settings.StartWithoutRedis)
                    {
                        RedisLog.StartsWithout(logger, address);
                        connection.ConnectionRestored += (_, _) => _ = CheckLaterAsync(connection);
                        return;
                    }

                    throw new BrokerException(
                        BrokerErrorCode.Unavailable,
                        $"{failure.Message}: {address}, tried for {DurationText.Format(settings.StartTimeout)}. {Explain(exception)}{distrust.Reason}Check connectionString and "
                        + "the credentials, or set startWithoutRedis to start all the same",
                        exception);
                }

                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    /// <summary>Reads what the server says of itself.</summary>
    public static async Task<BackendFigures> ReadAsync(ConnectionMultiplexer connection)
    {
        var server = Array.Find(connection.GetServers(), static s => s.IsConnected && !s.IsReplica)
            ?? Array.Find(connection.GetServers(), static s => s.IsConnected)
            ?? throw new BrokerException(BrokerErrorCode.Unavailable, "Redis is not reachable");
        return Parse(await server.InfoRawAsync() ?? "");
    }

    private async Task CheckLaterAsync(ConnectionMultiplexer connection)
    {
        try
        {
            var refusal = Judge(await ReadAsync(connection));
            if (Interlocked.Exchange(ref _refusal, refusal) != refusal && refusal is not null)
            {
                RedisLog.Refused(logger, refusal);
            }
        }
        catch (Exception exception) when (RedisErrors.Map(exception) is not null)
        {
            // Gone again; the next connection is looked at, too.
        }
    }

    /// <summary>Tells why a server can't be used; null if it can.</summary>
    public string? Judge(BackendFigures figures)
    {
        if (figures.Version < Oldest)
        {
            return $"Redis {figures.Version} at {address} is too old: {Oldest} or newer is needed";
        }

        return figures.Policy.StartsWith("allkeys-", StringComparison.Ordinal) && figures.MaxMemory > 0 && !settings.AllowEviction
            ? $"Redis at {address} has maxmemory-policy {figures.Policy}, which drops whole events when memory is short: set it to noeviction "
                + "(or volatile-ttl), or set allowEviction if losing them is acceptable"
            : null;
    }

    private static string Explain(Exception exception) => exception switch
    {
        RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } => "It refuses the credentials. ",
        _ => "",
    };

    private static BackendFigures Parse(string info)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in info.Split('\n'))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                values[line[..colon]] = line[(colon + 1)..].Trim();
            }
        }

        return new BackendFigures(
            Version.TryParse(values.GetValueOrDefault("redis_version"), out var version) ? version : new Version(0, 0),
            values.GetValueOrDefault("redis_mode", "standalone"),
            values.GetValueOrDefault("role", "unknown"),
            values.GetValueOrDefault("maxmemory_policy", "unknown"),
            Number("used_memory"),
            Number("maxmemory"),
            values.GetValueOrDefault("aof_enabled") == "1",
            (int)Number("connected_slaves"));

        long Number(string name) =>
            long.TryParse(values.GetValueOrDefault(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }
}
