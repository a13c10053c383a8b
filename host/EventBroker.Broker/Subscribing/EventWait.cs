using EventBroker.Sdk.Authorization;

namespace EventBroker.Broker.Subscribing;

/// <summary>One that waits for an event.</summary>
internal sealed class EventWait : IDisposable
{
    private readonly AsyncSignal _signal = new();
    private readonly AwaitedEvents _owner;

    public EventWait(AwaitedEvents owner, string eventName, Caller caller)
    {
        _owner = owner;
        EventName = eventName;
        Caller = caller;
        Node = new LinkedListNode<EventWait>(this);
    }

    public string EventName { get; }

    public Caller Caller { get; }

    /// <summary>Gets the node in the line of those that wait for the event.</summary>
    public LinkedListNode<EventWait> Node { get; }

    public void Release() => _signal.Set();

    /// <summary>Ends when it is time to look whether the event is there.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        using (cancellationToken.UnsafeRegister(static signal => ((AsyncSignal)signal!).Set(), _signal))
        {
            await _signal.WaitAsync();
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    public void Dispose() => _owner.Leave(this);
}
