using EventBroker.Sdk.Interception;

namespace EventBroker.Broker.Settling;

/// <summary>One delivery to settle, as an endpoint decoded it, and what became of it.</summary>
public struct SettleEntry
{
    /// <summary>Gets or sets the delivery; <c>default</c> for a text that is no ack id.</summary>
    public AckId AckId { get; set; }

    /// <summary>Gets or sets what is to become of it.</summary>
    public Settlement Settlement { get; set; }

    /// <summary>Gets or sets the delay of a nack or the time given by an extension; null for a nack whose delay the broker decides, and for an
    /// extension by the subscription's ack timeout.</summary>
    public TimeSpan? Time { get; set; }

    /// <summary>Gets or sets the subscriber's error text of a nack.</summary>
    public string? Error { get; set; }

    /// <summary>Gets or sets whether its subscriber has asked for the same before and has got no answer.</summary>
    public bool IsRepeat { get; set; }

    /// <summary>Gets or sets what became of it. An endpoint that could not decode an entry sets
    /// <see cref="SettleResult.Invalid"/> beforehand, and the broker leaves it alone.</summary>
    public SettleResult Result { get; set; }
}
