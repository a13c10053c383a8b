using EventBroker.Nats.Connections;
using EventBroker.Sdk.Errors;
using NATS.Client.Core;

namespace EventBroker.Transport.Nats.Publishing;

/// <summary>Waits until the server has what was sent, by a ping that all share who sent something since the one before.</summary>
internal sealed class Flusher(NatsLink link)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource<BrokerException?>? _next;
    private bool _isRunning;

    /// <summary>Waits for a ping that is sent after this call.</summary>
    /// <returns>Why the server is not known to have it; null if it is.</returns>
    public Task<BrokerException?> FlushAsync()
    {
        lock (_gate)
        {
            _next ??= new TaskCompletionSource<BrokerException?>(TaskCreationOptions.RunContinuationsAsynchronously);
            var task = _next.Task;
            if (!_isRunning)
            {
                _isRunning = true;
                _ = RunAsync();
            }

            return task;
        }
    }

    private async Task RunAsync()
    {
        // Whoever publishes at the same moment still shares the first.
        await Task.Yield();
        while (true)
        {
            TaskCompletionSource<BrokerException?> current;
            lock (_gate)
            {
                if (_next is null)
                {
                    _isRunning = false;
                    return;
                }

                (current, _next) = (_next, null);
            }

            current.SetResult(await PingAsync());
        }
    }

    private async Task<BrokerException?> PingAsync()
    {
        using var timeout = new CancellationTokenSource(link.Settings.RequestTimeout, link.Time);
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, link.WhileOpen);
        try
        {
            await link.Connection.PingAsync(lost.Token);
            return null;
        }
        catch (Exception exception) when (exception is OperationCanceledException or NatsException or ObjectDisposedException)
        {
            return timeout.IsCancellationRequested
                ? new BrokerException(BrokerErrorCode.DeadlineExceeded, "NATS did not answer in time", exception)
                : link.Unreachable(exception);
        }
    }
}
