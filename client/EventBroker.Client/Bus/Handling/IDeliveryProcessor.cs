namespace EventBroker.Client.Bus;

/// <summary>Handles deliveries, whatever their type.</summary>
internal interface IDeliveryProcessor
{
    /// <summary>Handles a delivery and settles it. Throws nothing.</summary>
    Task HandleAsync(Delivery delivery, CancellationToken stopping);
}
