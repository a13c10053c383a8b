using EventBroker.Protos.Broker.V1;

namespace EventBroker.Client.Publishing;

/// <summary>A message on a stream, and its answer for whoever waits.</summary>
internal sealed class PendingPublish(PublishItem item, int size)
    : TaskCompletionSource<PublishAnswer>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    private volatile bool _isAbandoned;

    public PublishItem Item => item;

    /// <summary>Gets how large it is, at the most.</summary>
    public int Size => size;

    /// <summary>Gets whether nobody waits any more: then it need not be sent.</summary>
    public bool IsAbandoned => _isAbandoned;

    /// <summary>Gives the message up: whoever waits is told, and if it is not sent yet it need not be.</summary>
    public void Abandon(CancellationToken cancellationToken)
    {
        _isAbandoned = true;
        TrySetCanceled(cancellationToken);
    }
}
