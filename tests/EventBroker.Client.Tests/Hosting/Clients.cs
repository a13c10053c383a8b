using System.Text;

namespace EventBroker.Client.Tests.Hosting;

internal static class Clients
{
    // Options that come back fast, so that tests do.
    public static RemoteTransportOptions Options(Uri address)
    {
        var options = new RemoteTransportOptions { Address = address };
        options.Retry.FirstBackoff = TimeSpan.FromMilliseconds(5);
        options.Retry.LongestBackoff = TimeSpan.FromMilliseconds(50);
        options.Reconnect.FirstBackoff = TimeSpan.FromMilliseconds(5);
        options.Reconnect.LongestBackoff = TimeSpan.FromMilliseconds(50);
        return options;
    }

    public static RemoteTransport Open(Uri address, Action<RemoteTransportOptions>? configure = null, TimeProvider? time = null)
    {
        var options = Options(address);
        configure?.Invoke(options);
        return new RemoteTransport(options, timeProvider: time);
    }

    public static OutgoingMessage Message(string id, string payload = "") => new() { Id = id, Payload = Encoding.UTF8.GetBytes(payload) };

    public static Task<string> PublishAsync(this RemoteTransport transport, string eventName, string id, string payload = "") =>
        transport.PublishAsync(eventName, Message(id, payload));

    // The next delivery; fails if the subscription has ended.
    public static async Task<Delivery> NextAsync(this Subscription<Delivery> subscription)
    {
        await foreach (var delivery in subscription)
        {
            return delivery;
        }

        throw new InvalidOperationException("the subscription has ended");
    }

    // Whether nothing comes any more; fails with what has ended the subscription.
    public static async Task<bool> HasEndedAsync(this Subscription<Delivery> subscription)
    {
        await foreach (var _ in subscription)
        {
            return false;
        }

        return true;
    }

    public static async Task<List<Delivery>> NextAsync(this Subscription<Delivery> subscription, int count)
    {
        var deliveries = new List<Delivery>();
        while (deliveries.Count < count)
        {
            deliveries.Add(await subscription.NextAsync());
        }

        return deliveries;
    }
}
