namespace EventBroker.Broker.Publishing;

/// <summary>The answer to a publish.</summary>
/// <param name="Id">The message's id as UTF-8.</param>
/// <param name="IsDuplicate">Whether the transport had a message with this id already and has dropped this one.</param>
public readonly record struct Published(ReadOnlyMemory<byte> Id, bool IsDuplicate);
