using EventBroker.Sdk.Errors;
using EventBroker.Transport.Redis.Scripts;
using EventBroker.Transport.Redis.Settings;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Backend;

/// <summary>The connection to Redis: runs scripts, tells their errors in the broker's terms, and says when Redis goes and comes back.</summary>
/// <remarks>One connection for everything that does not block. Waiting for replicas does: it has one of its own.</remarks>
internal sealed class RedisBackend : IAsyncDisposable
{
    private readonly ConnectionMultiplexer _connection;
    private readonly IDatabase _database;
    private readonly Reach _reach;
    private readonly BackendCheck _check;
    private readonly ReplicaWaits? _replicas;
    private readonly Sentinels? _sentinels;
    private volatile bool _isClosed;

    private RedisBackend(
        ConnectionMultiplexer connection, string address, Reach reach, BackendCheck check, ReplicaWaits? replicas, Sentinels? sentinels)
    {
        _connection = connection;
        _replicas = replicas;
        _sentinels = sentinels;
        _database = connection.GetDatabase();
        Address = address;
        _reach = reach;
        _check = check;
        _connection.ConnectionRestored += (_, restored) =>
        {
            if (restored.ConnectionType == ConnectionType.Interactive)
            {
                WhenRestored?.Invoke();
            }
        };
    }

    /// <summary>Gets or sets what is called when a connection was made again; what happened meanwhile has to be looked for.</summary>
    public Action? WhenRestored { get; set; }

    /// <summary>Gets where Redis is, without credentials.</summary>
    public string Address { get; }

    public int DatabaseNumber => _database.Database;

    public BackendCheck Check => _check;

    /// <summary>Gets whether it makes sense to wait for the server.</summary>
    public bool IsLost => _reach.IsLost && !_connection.IsConnected;

    /// <summary>Connects and checks that this Redis can be used.</summary>
    /// <exception cref="BrokerException">It can't, or it does not answer in time and must be there.</exception>
    public static async Task<RedisBackend> ConnectAsync(
        RedisSettings settings, ConfigurationOptions options, Distrust distrust, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var address = ConnectionOptions.Describe(options);
        var check = new BackendCheck(settings, address, distrust, logger);
        var connection = await check.ConnectAsync(() => ConnectionMultiplexer.ConnectAsync(options), time, cancellationToken);
        ReplicaWaits? replicas = null;
        Sentinels? sentinels = null;
        try
        {
            replicas = settings.Replicas == 0
                ? null
                : await check.ConnectAsync(() => ReplicaWaits.ConnectAsync(settings, options), time, cancellationToken);
            sentinels = await check.ConnectAsync(() => Sentinels.ConnectAsync(options), time, cancellationToken);
            await check.StartAsync(connection, time, cancellationToken);
            return new RedisBackend(connection, address, new Reach(address, time, logger), check, replicas, sentinels);
        }
        catch
        {
            await connection.DisposeAsync();
            await (replicas?.DisposeAsync() ?? ValueTask.CompletedTask);
            await (sentinels?.DisposeAsync() ?? ValueTask.CompletedTask);
            throw;
        }
    }

    /// <summary>Runs a script.</summary>
    public async Task<RedisResult> RunAsync(Script script, RedisKey[] keys, RedisValue[] values)
    {
        ThrowIfUnusable();
        try
        {
            var result = await EvaluateAsync(script, keys, values);
            _reach.Worked();
            return result;
        }
        catch (Exception exception) when (RedisErrors.Map(exception) is { } failure)
        {
            throw Note(failure);
        }
    }

    /// <summary>Makes another call.</summary>
    public async Task<T> CallAsync<T>(Func<IDatabase, Task<T>> call)
    {
        ThrowIfUnusable();
        try
        {
            var result = await call(_database);
            _reach.Worked();
            return result;
        }
        catch (Exception exception) when (RedisErrors.Map(exception) is { } failure)
        {
            throw Note(failure);
        }
    }

    /// <summary>Waits until enough replicas have what was written under a key into a history.</summary>
    /// <returns>Whether they have it; false also if nobody can know.</returns>
    public async Task<bool> HaveReplicasAsync(RedisKey key, string history)
    {
        try
        {
            return await _replicas!.HaveAsync(key, history);
        }
        catch (Exception exception) when (RedisErrors.Map(exception) is { } failure)
        {
            throw Note(failure);
        }
    }

    /// <summary>Makes sure that the server of a key is the master, before it is believed what it does not have.</summary>
    /// <exception cref="BrokerException"><see cref="BrokerErrorCode.Unavailable"/>: it is not, or nobody can tell.</exception>
    public async Task CheckMasterAsync(RedisKey key)
    {
        if (_sentinels is null)
        {
            return;
        }

        bool isMaster;
        try
        {
            isMaster = await _sentinels.IsMasterAsync(await _database.IdentifyEndpointAsync(key));
        }
        catch (Exception exception) when (RedisErrors.Map(exception) is { } failure)
        {
            throw Note(failure);
        }

        if (!isMaster)
        {
            throw Note(new BrokerException(BrokerErrorCode.Unavailable, "Redis is failing over: what is connected is not the master of the Sentinels"));
        }
    }

    public async Task SubscribeAsync(string channel, Action<string> handler)
    {
        ThrowIfUnusable();
        try
        {
            await _connection.GetSubscriber().SubscribeAsync(RedisChannel.Literal(channel), (_, message) => handler((string?)message ?? ""));
        }
        catch (Exception exception) when (RedisErrors.Map(exception) is { } failure)
        {
            throw Note(failure);
        }
    }

    public void Unsubscribe(string channel)
    {
        if (!_isClosed)
        {
            _connection.GetSubscriber().Unsubscribe(RedisChannel.Literal(channel), flags: CommandFlags.FireAndForget);
        }
    }

    /// <summary>Asks the server how it is.</summary>
    public async Task<(TimeSpan Latency, BackendFigures Figures)> ProbeAsync(TimeProvider time)
    {
        ThrowIfUnusable();
        try
        {
            var begin = time.GetTimestamp();
            await _database.PingAsync();
            var latency = time.GetElapsedTime(begin);
            var figures = await BackendCheck.ReadAsync(_connection);
            _reach.Worked();
            return (latency, figures);
        }
        catch (Exception exception) when (RedisErrors.Map(exception) is { } failure)
        {
            throw Note(failure);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _isClosed = true;
        await _connection.DisposeAsync();
        await (_replicas?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_sentinels?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private async Task<RedisResult> EvaluateAsync(Script script, RedisKey[] keys, RedisValue[] values)
    {
        try
        {
            return await _database.ScriptEvaluateAsync(script.Hash, keys, values);
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            // Not run here yet, or flushed: nothing has happened. With its text it is known from now on.
            return await _database.ScriptEvaluateAsync(script.Text, keys, values);
        }
    }

    private BrokerException Note(BrokerException failure)
    {
        if (_isClosed)
        {
            return BrokerErrors.TransportClosed();
        }

        _reach.Failed(failure);
        return failure;
    }

    private void ThrowIfUnusable()
    {
        if (_isClosed)
        {
            throw BrokerErrors.TransportClosed();
        }

        if (_check.Refusal is { } refusal)
        {
            throw new BrokerException(BrokerErrorCode.FailedPrecondition, refusal);
        }
    }
}
