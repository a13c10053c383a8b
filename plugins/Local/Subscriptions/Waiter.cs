namespace EventBroker.Transport.Local.Subscriptions;

/// <summary>Somebody who is told of new messages: a broadcast subscription, or a place on behalf of its members.</summary>
internal abstract class Waiter
{
    // Belong to the WaiterList.
    internal long WaiterGeneration { get; set; } = -1;

    internal int WaiterSlot { get; set; }

    /// <summary>Says that there may be something to read. Never blocks, never throws.</summary>
    public abstract void Signal();
}
