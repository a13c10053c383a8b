using System.Collections.Concurrent;
using System.Net;
using EventBroker.Transport.Redis.Settings;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Backend;

/// <summary>Waits until replicas have what was written. <c>WAIT</c> holds up whatever its connection sends behind it, so it has one that does
/// nothing else. It waits for all that the server had done when the connection's last command before it ran; that is a <c>PING</c>, sent
/// after the answer to what was written, whichever connection that came over.</summary>
internal sealed class ReplicaWaits : IAsyncDisposable
{
    private readonly ConnectionMultiplexer _connection;
    private readonly ConcurrentDictionary<EndPoint, Line> _lines = new();
    private readonly int _replicas;
    private readonly long _timeout;

    private ReplicaWaits(ConnectionMultiplexer connection, RedisSettings settings)
    {
        _connection = connection;
        _replicas = settings.Replicas;
        _timeout = RedisState.Milliseconds(settings.ReplicaTimeout);
    }

    /// <summary>Opens the connection.</summary>
    public static async Task<ReplicaWaits> ConnectAsync(RedisSettings settings, ConfigurationOptions options)
    {
        var own = options.Clone();
        own.AsyncTimeout += (int)settings.ReplicaTimeout.TotalMilliseconds;
        own.ClientName += "-wait";
        return new ReplicaWaits(await ConnectionMultiplexer.ConnectAsync(own), settings);
    }

    /// <summary>Waits until the replicas have what was written under a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="history">The id of the history (<c>master_replid</c>) that it was written into. A master that was made one meanwhile, or
    /// that has lost its data, goes on with another.</param>
    /// <returns>False if they don't have it in time, or nobody can know.</returns>
    public async Task<bool> HaveAsync(RedisKey key, string history)
    {
        if (await _connection.GetDatabase().IdentifyEndpointAsync(key) is not { } server)
        {
            return false;
        }

        var line = _lines.GetOrAdd(server, static (endPoint, o) => new Line(o._connection.GetServer(endPoint), o._replicas, o._timeout), this);
        var answer = await line.WaitAsync();
        return answer.Replicas >= _replicas && answer.History == history;
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private readonly record struct Answer(int Replicas, string History);

    /// <summary>One <c>WAIT</c> at a time; whoever comes meanwhile shares the next one.</summary>
    private sealed class Line(IServer server, int replicas, long timeout)
    {
        private const string HistoryField = "master_replid:";

        private readonly Lock _gate = new();
        private TaskCompletionSource<Answer>? _next;
        private bool _isRunning;

        public Task<Answer> WaitAsync()
        {
            Task<Answer> task;
            lock (_gate)
            {
                _next ??= new TaskCompletionSource<Answer>(TaskCreationOptions.RunContinuationsAsynchronously);
                task = _next.Task;
                if (_isRunning)
                {
                    return task;
                }

                _isRunning = true;
            }

            _ = RunAsync();
            return task;
        }

        private async Task RunAsync()
        {
            while (Take() is { } round)
            {
                try
                {
                    var ping = server.PingAsync();
                    var wait = server.ExecuteAsync("WAIT", replicas, timeout);
                    var info = server.InfoRawAsync("replication");
                    await Task.WhenAll(ping, wait, info);
                    round.TrySetResult(new Answer((int)await wait, ReadHistory(await info ?? "")));
                }
                catch (RedisServerException)
                {
                    // It is a replica by now.
                    round.TrySetResult(default);
                }
#pragma warning disable CA1031 // Those who wait get it.
                catch (Exception exception)
#pragma warning restore CA1031
                {
                    round.TrySetException(exception);
                }
            }
        }

        private TaskCompletionSource<Answer>? Take()
        {
            lock (_gate)
            {
                var round = _next;
                _next = null;
                _isRunning = round is not null;
                return round;
            }
        }

        private static string ReadHistory(string info)
        {
            var begin = info.IndexOf(HistoryField, StringComparison.Ordinal);
            return begin < 0 ? "" : info[(begin + HistoryField.Length)..].Split('\r', '\n')[0];
        }
    }
}
