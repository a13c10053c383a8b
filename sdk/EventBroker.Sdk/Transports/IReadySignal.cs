namespace EventBroker.Sdk.Transports;

/// <summary>The broker's side of a subscription: told by the transport that reading makes sense again.</summary>
public interface IReadySignal
{
    /// <summary>Says that <see cref="ITransportSubscription.Read"/> may have something, or that the subscription
    /// has ended. Cheap, never blocks, never runs subscriber code on the calling thread; may be called too often
    /// and from any thread.</summary>
    void Ready();
}
