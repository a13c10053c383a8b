using System.Diagnostics.CodeAnalysis;
using EventBroker.Client;

namespace EventBroker.Transport.Remote.Subscriptions;

/// <summary>Takes from the client what has come already, or waits for it: one delivery ahead of whoever reads.</summary>
internal sealed class DeliverySource(Subscription<Delivery> subscription) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly IAsyncEnumerator<Delivery> _deliveries = subscription.GetAsyncEnumerator();
    private Task? _next;
    private volatile bool _hasNext;

    public string StartCursor => subscription.StartCursor;

    /// <summary>Takes a delivery that is there.</summary>
    public bool TryTake([NotNullWhen(true)] out Delivery? delivery)
    {
        delivery = null;
        lock (_gate)
        {
            _next ??= MoveAsync();
            if (_next.IsCompletedSuccessfully && _hasNext)
            {
                delivery = _deliveries.Current;
                _next = null;
            }
        }

        return delivery is not null;
    }

    /// <summary>Waits until there may be something to take.</summary>
    /// <returns>False if the subscription was closed; throws what has ended it.</returns>
    public async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        Task next;
        lock (_gate)
        {
            next = _next ??= MoveAsync();
        }

        await next.WaitAsync(cancellationToken);
        return _hasNext;
    }

    public async ValueTask DisposeAsync()
    {
        // Ends the wait for the next one.
        await subscription.DisposeAsync();
        Task? next;
        lock (_gate)
        {
            next = _next;
        }

        if (next is not null)
        {
            await next.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _deliveries.DisposeAsync();
    }

    private async Task MoveAsync() => _hasNext = await _deliveries.MoveNextAsync();
}
