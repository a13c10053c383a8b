using System.Diagnostics.CodeAnalysis;
using EventBroker.Client;

namespace EventBroker.Transport.Remote.Subscriptions;

/// <summary>Takes from the client what has come already, or waits for it: one delivery ahead of whoever reads.</summary>
internal sealed class DeliverySource(Subscription<Delivery> subscription) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly IAsyncEnumerator<Delivery> _deliveries = subscription.GetAsyncEnumerator();
    private Task<bool>? _next;

    public string StartCursor => subscription.StartCursor;

    /// <summary>Takes a delivery that is there.</summary>
    public bool TryTake([NotNullWhen(true)] out Delivery? delivery)
    {
        lock (_gate)
        {
            if (_next is { IsCompletedSuccessfully: false })
            {
                delivery = null;
                return false;
            }

            var next = _next is null ? _deliveries.MoveNextAsync() : new ValueTask<bool>(_next);
            _next = null;
            if (next.IsCompletedSuccessfully && next.GetAwaiter().GetResult())
            {
                delivery = _deliveries.Current;
                return true;
            }

            _next = next.AsTask();
            delivery = null;
            return false;
        }
    }

    /// <summary>Waits until there may be something to take.</summary>
    /// <returns>False if the subscription was closed; throws what has ended it.</returns>
    public Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _next ??= _deliveries.MoveNextAsync().AsTask();
            return _next.WaitAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Ends the wait for the next one.
        await subscription.DisposeAsync();
        Task<bool>? next;
        lock (_gate)
        {
            next = _next;
        }

        if (next is not null)
        {
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _deliveries.DisposeAsync();
    }
}
