using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Transport.Redis.Tests.Servers;

namespace EventBroker.Transport.Redis.Tests.Conformance;

public sealed class SentinelConformanceTests : TransportConformanceTests<SentinelFixture>;

/// <summary>Over a master with a replica under Sentinel.</summary>
public sealed class SentinelFixture : RedisFixture
{
    public override string ReportName => "redis-sentinel";

    private protected override async Task<IRedisBackend> GetBackendAsync() => await SharedRedis.GetSentinelAsync();
}
