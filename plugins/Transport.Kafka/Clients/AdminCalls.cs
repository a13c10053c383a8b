using Confluent.Kafka;
using EventBroker.Sdk.Errors;

namespace EventBroker.Transport.Kafka.Clients;

/// <summary>The client for questions and administration, which is closed only when its calls have ended: librdkafka does not answer a call that
/// outlives its client, and may not survive it.</summary>
internal sealed class AdminCalls(IAdminClient client) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _underWay;
    private bool _isClosed;

    /// <summary>Gets the client, for use within a call.</summary>
    public IAdminClient Client => client;

    /// <summary>Makes a call, which has to end by itself.</summary>
    /// <exception cref="BrokerException">The transport is closed.</exception>
    public async Task<T> CallAsync<T>(Func<Task<T>> call)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                throw BrokerErrors.TransportClosed();
            }

            _underWay++;
        }

        try
        {
            return await call();
        }
        finally
        {
            lock (_gate)
            {
                _underWay--;
                EndIfDone();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isClosed = true;
            EndIfDone();
        }

        await _ended.Task;
        await Task.Run(client.Dispose);
    }

    // Under the lock.
    private void EndIfDone()
    {
        if (_isClosed && _underWay == 0)
        {
            _ended.TrySetResult();
        }
    }
}
