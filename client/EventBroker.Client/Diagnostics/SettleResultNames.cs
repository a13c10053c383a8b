namespace EventBroker.Client.Diagnostics;

/// <summary>Results of settlements as measurements name them.</summary>
internal static class SettleResultNames
{
    public static string Of(SettleResult result) => result switch
    {
        SettleResult.Settled => "settled",
        SettleResult.Expired => "expired",
        SettleResult.Unknown => "unknown",
        SettleResult.Denied => "denied",
        SettleResult.Invalid => "invalid",
        _ => "failed",
    };
}
