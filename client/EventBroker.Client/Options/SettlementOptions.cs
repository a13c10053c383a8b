namespace EventBroker.Client;

/// <summary>How acks, nacks and extensions are sent: many per call. While a call is under way what comes meanwhile is collected; it is
/// the next call.</summary>
public sealed class SettlementOptions
{
    /// <summary>Gets or sets how many settlements one call holds at the most. Default 100; 1 to 10 000.</summary>
    public int BatchSize { get; set; } = 100;

    /// <summary>Gets or sets how long an incomplete batch waits for more. Default zero: it is sent at once unless a call is under way, which
    /// already makes batches as large as the load asks for. Up to 1 minute; keep it far below the ack timeout.</summary>
    public TimeSpan Linger { get; set; }

    /// <summary>Gets or sets how long closing a subscription or the transport waits for the settlements made before to be answered. Default 5 s;
    /// zero to a day. What is not answered by then may or may not have arrived.</summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
