using EventBroker.Sdk.Transports;

namespace EventBroker.Nats.Delivering;

/// <summary>A member of a place, as far as it waits for messages. Guarded by its place's lock.</summary>
internal abstract class Reader(ISubscriber subscriber)
{
    public ISubscriber Subscriber => subscriber;

    /// <summary>Gets or sets how many it waits for; 0 if it does not wait.</summary>
    public int Demanded { get; set; }

    /// <summary>Gets or sets whether it was told that there is something and has not come yet.</summary>
    public bool IsComing { get; set; }
}
