namespace EventBroker.Client.Bus.Tests;

internal static class Deliveries
{
    // The next delivery; fails if the subscription has ended.
    public static async Task<TDelivery> NextAsync<TDelivery>(this Subscription<TDelivery> subscription)
        where TDelivery : Delivery
    {
        await foreach (var delivery in subscription)
        {
            return delivery;
        }

        throw new InvalidOperationException("the subscription has ended");
    }
}
