using System.Collections.Concurrent;

namespace EventBroker.Samples.Worker;

/// <summary>Stands for a database: an order that was invoiced already is not invoiced again, because a message may come twice.</summary>
public sealed class Invoices
{
    private readonly ConcurrentDictionary<string, decimal> _byOrder = new();

    public IReadOnlyDictionary<string, decimal> ByOrder => _byOrder;

    public bool TryAdd(Order order) => _byOrder.TryAdd(order.Id, order.Price);
}
