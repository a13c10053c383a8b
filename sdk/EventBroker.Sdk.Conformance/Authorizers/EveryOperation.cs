using EventBroker.Sdk.Authorization;
using Xunit;

namespace EventBroker.Sdk.Conformance.Authorizers;

/// <summary>What can be asked for.</summary>
public static class EveryOperation
{
    /// <summary>Gets the operations.</summary>
    public static TheoryData<BrokerOperation> Operations => [.. Enum.GetValues<BrokerOperation>()];
}
