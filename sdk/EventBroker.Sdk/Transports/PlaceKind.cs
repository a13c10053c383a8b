namespace EventBroker.Sdk.Transports;

/// <summary>Whose place a transport remembers; the numbers are those of the wire contract.</summary>
public enum PlaceKind
{
    /// <summary>A worker group's.</summary>
    WorkerGroup = 1,

    /// <summary>A consumer id's, in mode broadcast.</summary>
    ConsumerId = 2,
}
