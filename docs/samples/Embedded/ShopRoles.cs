using EventBroker.Sdk.Authorization;

namespace EventBroker.Samples.Embedded;

/// <summary>What each role may do with the shop's events.</summary>
internal static class ShopRoles
{
    public const string Shop = "shop";
    public const string Clerk = "clerk";

    private static readonly Dictionary<string, BrokerOperation[]> Allowed = new()
    {
        [Shop] = Enum.GetValues<BrokerOperation>(),
        [Clerk] = [BrokerOperation.Subscribe, BrokerOperation.Settle, BrokerOperation.List],
    };

    public static bool May(string role, BrokerOperation operation) =>
        Allowed.TryGetValue(role, out var operations) && operations.Contains(operation);
}
