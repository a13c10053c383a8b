namespace HostileClient;

/// <summary>Who may do what: the good client everything with its own events, guests everything with the open ones, and nobody else
/// anything.</summary>
internal static class Access
{
    public const string RoleHeader = "x-role";
    public const string Good = "good";
    public const string Guest = "guest";
    public const string GoodEvent = "good.orders";

    /// <summary>An event that guests may use.</summary>
    public const string OpenEvent = "open.a";

    /// <summary>An event of whose subscribers nobody reads.</summary>
    public const string FloodEvent = "open.flood";

    /// <summary>Gets the authorizers as in plugins.json.</summary>
    public static object[] Authorizers { get; } =
    [
        new
        {
            plugin = "roles",
            settings = new
            {
                header = RoleHeader,
                rules = new[]
                {
                    Rule(Good, "good.*", "*"),
                    Rule(Guest, "open.*", "publish", "subscribe", "register", "describe", "seek", "list"),
                },
            },
        },
    ];

    private static object Rule(string role, string events, params string[] operations) => new { role, operations, events = new[] { events } };
}
