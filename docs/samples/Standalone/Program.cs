using EventBroker.Client;
using EventBroker.Samples.Standalone;

// The broker of the README's quick start, unless another address is given.
var address = new Uri(args is [var given, ..] ? given : "http://127.0.0.1:9090");

await using var transport = new RemoteTransport(new RemoteTransportOptions { Address = address, Source = "standalone" });
transport.StateChanged += (_, change) => Console.WriteLine($"{change.Previous} -> {change.Current}");

var bus = new EventBus(transport, new EventBusOptions { Json = OrderJson.Default.Options });
var orders = bus.Event<Order>("order.created");
await orders.RegisterAsync();

var packed = new TaskCompletionSource();
await using var subscription = await orders.SubscribeAsync((order, context) =>
{
    Console.WriteLine($"{order.Quantity} x {order.Article}, attempt {context.RetryCount + 1}");
    if (context.RetryCount == 0)
    {
        // Gives the message back: it comes again.
        throw new InvalidOperationException("the packer is asleep");
    }

    packed.TrySetResult();

    // Returning acks it.
    return Task.CompletedTask;
});

var id = await orders.PublishAsync(new Order("teapot", 2));
Console.WriteLine($"published {id}");
await packed.Task;
