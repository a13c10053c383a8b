using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Transport.Redis.Tests.Servers;

namespace EventBroker.Transport.Redis.Tests.Conformance;

public sealed class StandaloneConformanceTests : TransportConformanceTests<StandaloneFixture>;

/// <summary>Over one server.</summary>
public sealed class StandaloneFixture : RedisFixture
{
    private protected override async Task<IRedisBackend> GetBackendAsync() => await SharedRedis.GetAsync();
}
