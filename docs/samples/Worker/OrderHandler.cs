using EventBroker.Client;
using Microsoft.Extensions.Logging;

namespace EventBroker.Samples.Worker;

/// <summary>Made anew for every message, with services of its own scope.</summary>
public sealed partial class OrderHandler(Invoices invoices, ILogger<OrderHandler> logger) : IEventHandler<Order>
{
    public Task HandleAsync(Order order, EventContext context)
    {
        if (order.Price < 0)
        {
            // Gives the order back, with this message.
            throw new InvalidDataException($"the price {order.Price} is negative");
        }

        if (invoices.TryAdd(order))
        {
            Invoiced(logger, order.Id, order.Price);
        }

        return Task.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Order {Id} is invoiced with {Price}.")]
    private static partial void Invoiced(ILogger logger, string id, decimal price);
}
