using Microsoft.Extensions.Logging;

namespace EventBroker.Client.Bus;

/// <summary>Makes values of deliveries for a program that takes them itself.</summary>
internal sealed class DeliveryReader<T>(EventBus bus, string eventName, IEventCodec<T> codec)
{
    private readonly ILogger _logger = bus.Transport.Connection.LoggerFactory.CreateLogger<EventBus>();
    private readonly Settler _settler = new(
        eventName, new HandlerOptions(), bus.Metrics, bus.Transport.Connection.LoggerFactory.CreateLogger<EventBus>());

    /// <summary>Decodes a delivery.</summary>
    /// <returns>The same, with its value; null if it can't be decoded: then it is given back.</returns>
    public Delivery<T>? Read(Delivery delivery)
    {
        if (Decoding.TryDecode(codec, delivery, out var value, out var fault))
        {
            var typed = (Delivery<T>)delivery;
            typed.Value = value!;
            return typed;
        }

        var reason = Settler.ReasonOf(fault!);
        var delay = _settler.DelayOf(delivery);
        var (level, inFull) = (BusLog.OfAttempt(delivery, LogLevel.Warning), BusLog.OfAttempt(delivery, fault!));
        BusLog.UndecodableNacked(_logger, level, inFull, delivery.Id, eventName, reason, delay);
        _settler.Nack(delivery, "undecodable: " + reason, delay);
        return null;
    }
}
