namespace EventBroker.Client.Bus;

/// <summary>The context of a delivery on its way through the pipeline, with what only the pipeline needs.</summary>
internal sealed class DeliveryContext<T>(Delivery delivery, T value, Handling handling) : EventContext(delivery, handling)
{
    public T Value => value;
}
