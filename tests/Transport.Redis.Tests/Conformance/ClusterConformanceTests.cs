using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Transport.Redis.Tests.Servers;

namespace EventBroker.Transport.Redis.Tests.Conformance;

public sealed class ClusterConformanceTests : TransportConformanceTests<ClusterFixture>;

/// <summary>Over a cluster of three.</summary>
public sealed class ClusterFixture : RedisFixture
{
    public override string ReportName => "redis-cluster";

    private protected override async Task<IRedisBackend> GetBackendAsync() => await SharedRedis.GetClusterAsync();
}
