namespace EventBroker.Transport.Redis.Tests.Servers;

/// <summary>What a transport is put over: a server, a cluster, a master under Sentinel.</summary>
internal interface IRedisBackend : IAsyncDisposable
{
    /// <summary>Gets how a transport reaches it.</summary>
    string ConnectionString { get; }

    /// <summary>Gets the port to put a wire before; null where clients are told other addresses.</summary>
    int? WirePort { get; }
}
