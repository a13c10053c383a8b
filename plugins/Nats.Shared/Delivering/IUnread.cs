namespace EventBroker.Nats.Delivering;

/// <summary>A message that waits for a reader.</summary>
internal interface IUnread
{
    /// <summary>Gets who should get it only if nobody else is free: it let its deadline pass, or has lost it. Null for nobody.</summary>
    Reader? Avoided { get; }

    /// <summary>Gets its encoded size.</summary>
    int Length { get; }
}
