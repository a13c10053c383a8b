namespace EventBroker.Broker.Settling;

/// <summary>What became of one entry of a settlement; the numbers are those of the wire contract.</summary>
public enum SettleResult
{
    /// <summary>Not decided yet.</summary>
    Undecided = 0,

    /// <summary>Done as asked.</summary>
    Settled = 1,

    /// <summary>Was in flight under this id and is no more: settled before, past its deadline, or its stream has closed.</summary>
    Expired = 2,

    /// <summary>This broker never gave out such an id.</summary>
    Unknown = 3,

    /// <summary>The caller may not settle messages of that event.</summary>
    NotYours = 4,

    /// <summary>The entry contradicts itself or holds a value out of range.</summary>
    Invalid = 5,

    /// <summary>The transport or an interceptor failed: the message is not settled and will be delivered again.</summary>
    Failed = 6,
}
