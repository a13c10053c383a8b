using EventBroker.Protos.Broker.V1;

namespace EventBroker.Client.Publishing;

/// <summary>A message on a stream, and its answer for whoever waits.</summary>
internal sealed class PendingPublish(PublishItem item)
    : TaskCompletionSource<PublishAnswer>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    private volatile bool _isAbandoned;

    public PublishItem Item => item;

    /// <summary>Gets whether nobody waits any more: then it need not be sent.</summary>
    public bool IsAbandoned => _isAbandoned;

    public async ValueTask<PublishAnswer> WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _isAbandoned = true;
            throw;
        }
    }
}
