namespace EventBroker.FunctionalTests.Streams;

// Who delivers again what comes back: the broker alone, the transport for its consumer id, the transport for the group.
public enum StreamMode
{
    Broadcast,
    ConsumerId,
    WorkerPool,
}
