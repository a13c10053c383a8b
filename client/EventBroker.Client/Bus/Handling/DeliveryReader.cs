using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace EventBroker.Client.Bus;

/// <summary>Makes values of deliveries for a program that takes them itself.</summary>
internal sealed class DeliveryReader<T>(EventBus bus, string eventName, IEventCodec<T> codec)
{
    private readonly ILogger _logger = bus.Transport.Connection.LoggerFactory.CreateLogger<EventBus>();
    private readonly Settler _settler = new(
        eventName, new HandlerOptions(), bus.Metrics, bus.Transport.Connection.LoggerFactory.CreateLogger<EventBus>());

    /// <summary>Decodes a delivery; one that can't be is given back.</summary>
    public bool TryRead(Delivery delivery, [NotNullWhen(true)] out T? value)
    {
        if (Decoding.TryDecode(codec, delivery, out value, out var fault) && value is not null)
        {
            return true;
        }

        var reason = Settler.ReasonOf(fault!);
        var delay = _settler.DelayOf(delivery);
        BusLog.UndecodableNacked(_logger, delivery.RetryCount == 0 ? fault : null, delivery.Id, eventName, reason, delay);
        _settler.Nack(delivery, "undecodable: " + reason, delay);
        return false;
    }

    /// <summary>Acks a delivery unless its program has settled it.</summary>
    public void Ack(Delivery delivery)
    {
        if (!delivery.IsBeingSettled)
        {
            _settler.Ack(delivery);
        }
    }
}
