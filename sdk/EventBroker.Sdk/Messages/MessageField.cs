namespace EventBroker.Sdk.Messages;

/// <summary>The fields of an encoded message; the numbers are those of <c>event.v1.Message</c> on the wire.</summary>
public enum MessageField
{
    /// <summary>No field read yet, or a field this version does not know.</summary>
    None = 0,

    /// <summary>The message id, UTF-8.</summary>
    Id = 1,

    /// <summary>Who published it, UTF-8.</summary>
    Source = 2,

    /// <summary>The payload, any bytes.</summary>
    Payload = 3,

    /// <summary>One metadata entry: a key and a value, both UTF-8.</summary>
    Metadata = 4,

    /// <summary>When the broker accepted it.</summary>
    Timestamp = 5,
}
