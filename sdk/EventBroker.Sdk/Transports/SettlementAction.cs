namespace EventBroker.Sdk.Transports;

/// <summary>What the broker makes of a delivery.</summary>
public enum SettlementAction
{
    /// <summary>Done with: it never comes again to this group or consumer id.</summary>
    Complete,

    /// <summary>Given back: to be delivered again, to any free member of the worker group or to whoever holds the consumer id then.</summary>
    Release,
}
