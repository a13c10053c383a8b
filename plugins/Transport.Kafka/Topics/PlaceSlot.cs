using EventBroker.Transport.Kafka.Places;

namespace EventBroker.Transport.Kafka.Topics;

/// <summary>Where a place is opened and closed, one after the other.</summary>
internal sealed class PlaceSlot
{
    public SemaphoreSlim Turn { get; } = new(1);

    /// <summary>Gets or sets the place while it is open here.</summary>
    public Place? Place { get; set; }

    /// <summary>Gets or sets whether it ever was.</summary>
    public bool WasOpened { get; set; }
}
