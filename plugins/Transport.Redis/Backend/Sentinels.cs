using System.Net;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Backend;

/// <summary>Knows from the Sentinels which server is the master. One that was deposed calls itself master when it comes back, until a
/// Sentinel has told it otherwise; and what it does not have is not lost.</summary>
internal sealed class Sentinels : IAsyncDisposable
{
    private readonly ConnectionMultiplexer _connection;
    private readonly string _service;

    private Sentinels(ConnectionMultiplexer connection, string service)
    {
        _connection = connection;
        _service = service;
    }

    /// <summary>Opens a connection to the Sentinels.</summary>
    /// <returns>Null if the options name none.</returns>
    public static async Task<Sentinels?> ConnectAsync(ConfigurationOptions options)
    {
        if (options.ServiceName is not { Length: > 0 } service)
        {
            return null;
        }

        var own = options.Clone();
        own.User = options.SentinelUser;
        own.Password = options.SentinelPassword;
        return new Sentinels(await ConnectionMultiplexer.SentinelConnectAsync(own), service);
    }

    /// <summary>Tells whether a server is the master. The first Sentinel that knows decides, so that one that hangs holds nobody up.</summary>
    /// <returns>False also if no Sentinel says so.</returns>
    public async Task<bool> IsMasterAsync(EndPoint? server)
    {
        await foreach (var asked in Task.WhenEach(_connection.GetServers().Where(static s => s.IsConnected).Select(AskAsync)))
        {
            if (await asked is { } master)
            {
                return server is not null && Describe(master) == Describe(server);
            }
        }

        return false;
    }

    // Null if it does not know, or does not answer.
    private async Task<EndPoint?> AskAsync(IServer sentinel)
    {
        try
        {
            return await sentinel.SentinelGetMasterAddressByNameAsync(_service);
        }
        catch (Exception exception) when (RedisErrors.Map(exception) is not null)
        {
            return null;
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    // An address and a name of the same text are different kinds of end points.
    private static string Describe(EndPoint endPoint) => endPoint.ToString()!.Replace("Unspecified/", "", StringComparison.Ordinal);
}
