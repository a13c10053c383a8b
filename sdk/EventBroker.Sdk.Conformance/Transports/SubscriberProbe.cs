using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Conformance.Transports;

/// <summary>The broker's side of a subscription, played by a test: it can wait for signals, holds what was read, and notes what is
/// taken away.</summary>
public sealed class SubscriberProbe : ISubscriber
{
    private readonly Lock _gate = new();
    private readonly List<Delivery> _held = [];
    private readonly List<Delivery> _lost = [];
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _nextLoss = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;

    /// <summary>Gets a task that ends with the next signal after this call.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    /// <summary>Gets a task that ends when the next deliveries are told to be lost.</summary>
    public Task NextLoss => Volatile.Read(ref _nextLoss).Task;

    /// <summary>Gets how many signals came.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Gets what was read and is neither settled nor lost.</summary>
    public IReadOnlyList<Delivery> Held
    {
        get
        {
            lock (_gate)
            {
                return [.. _held];
            }
        }
    }

    /// <summary>Gets what was held when the transport said that it is lost.</summary>
    public IReadOnlyList<Delivery> Lost
    {
        get
        {
            lock (_gate)
            {
                return [.. _lost];
            }
        }
    }

    /// <inheritdoc/>
    public void Ready()
    {
        Interlocked.Increment(ref _count);
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    /// <inheritdoc/>
    public void LeasesLost(Predicate<Delivery> isLost)
    {
        lock (_gate)
        {
            _lost.AddRange(_held.FindAll(isLost));
            _held.RemoveAll(isLost);
        }

        Interlocked.Exchange(ref _nextLoss, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    /// <summary>Notes that deliveries were read.</summary>
    /// <param name="deliveries">The deliveries.</param>
    public void Hold(IEnumerable<Delivery> deliveries)
    {
        lock (_gate)
        {
            _held.AddRange(deliveries);
        }
    }

    /// <summary>Notes that a delivery is not held any more.</summary>
    /// <param name="delivery">The delivery.</param>
    public void Drop(Delivery delivery)
    {
        lock (_gate)
        {
            _held.RemoveAll(d => d.Position == delivery.Position);
        }
    }
}
