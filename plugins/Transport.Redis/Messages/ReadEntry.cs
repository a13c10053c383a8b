using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Redis.Messages;

/// <summary>A message as it was read from a stream.</summary>
internal readonly struct ReadEntry
{
    public EncodedMessage Message { get; init; }

    public Position Position { get; init; }

    /// <summary>Gets how many messages were added before it; -1 if that is not known.</summary>
    public long Ordinal { get; init; }

    public ResumeCursor? Cursor { get; init; }

    /// <summary>Gets how often it was handed over before.</summary>
    public int RetryCount { get; init; }
}
