namespace EventBroker.Client;

/// <summary>What becomes of a message that could not be decoded.</summary>
public enum UndecodableAction
{
    /// <summary>It is given back, and comes again after <see cref="HandlerOptions.NackDelay"/>: another member of the group, or a newer
    /// version of this program, may be able to read it.</summary>
    Nack = 0,

    /// <summary>It is published to <see cref="HandlerOptions.DeadLetterEvent"/> and acked.</summary>
    DeadLetter = 1,

    /// <summary>It is acked, logged and gone.</summary>
    Drop = 2,
}
