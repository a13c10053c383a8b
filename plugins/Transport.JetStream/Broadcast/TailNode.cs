using EventBroker.Sdk.Messages;

namespace EventBroker.Transport.JetStream.Broadcast;

/// <summary>A message at the end of a stream, and the way to the next. Who stands on a node keeps alive what comes behind it, and nothing else.</summary>
internal sealed class TailNode(ulong sequence, EncodedMessage message)
{
    private TailNode? _next;

    public ulong Sequence => sequence;

    public EncodedMessage Message => message;

    public TailNode? Next
    {
        get => Volatile.Read(ref _next);
        set => Volatile.Write(ref _next, value);
    }
}
