using EventBroker.Sdk.Errors;

namespace EventBroker.Transport.Log.Writing.Operations;

/// <summary>An operation whose result somebody may wait for.</summary>
internal abstract class TaskOperation<T> : WriteOperation
{
    // Whoever waits goes on elsewhere: the writer has the next commit to make.
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _completion.Task;

    /// <summary>Gets the answer once the operation is applied.</summary>
    protected abstract T Result { get; }

    public override void Committed() => _completion.TrySetResult(Result);

    public override void Failed(BrokerException failure)
    {
        _completion.TrySetException(failure);

        // Nobody may wait.
        _ = _completion.Task.Exception;
    }
}
