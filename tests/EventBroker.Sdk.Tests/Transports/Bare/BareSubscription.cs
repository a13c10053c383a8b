using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Tests.Transports.Bare;

/// <summary>A subscription of a <see cref="BareTransport"/>: a queue, shared by the members of a worker group.</summary>
internal sealed class BareSubscription(
    BareTransport owner, BareEvent place, SubscribeOptions options, Queue<Delivery> pending, IReadySignal ready) : ITransportSubscription
{
    private readonly Dictionary<Position, Delivery> _held = [];
    private Func<BrokerException>? _end;

    public Queue<Delivery> Pending { get; } = pending;

    // Null for a broadcast subscription.
    public string? Group { get; } = options.Mode == DeliveryMode.WorkerPool ? options.WorkerGroup : null;

    public ResumeOutcome Resume => ResumeOutcome.NotAsked;

    public bool TracksCompletion => Group is not null;

    public int Read(Span<Delivery> destination, int maxBytes)
    {
        lock (owner.Gate)
        {
            if (_end is not null)
            {
                throw _end();
            }

            var count = 0;
            while (count < destination.Length && maxBytes > 0 && Pending.TryDequeue(out var next))
            {
                destination[count++] = next;
                maxBytes -= next.Message.Length;
                if (Group is not null)
                {
                    _held[next.Position] = next;
                }
            }

            if (Pending.Count > 0)
            {
                ready.Ready();
            }

            return count;
        }
    }

    public void Complete(in Delivery delivery)
    {
        lock (owner.Gate)
        {
            _held.Remove(delivery.Position);
        }
    }

    public void Release(in Delivery delivery, TimeSpan delay)
    {
        Assert.Equal(CapabilitySupport.Native, owner.Capabilities[TransportCapability.Redelivery]);
        Assert.Equal(TimeSpan.Zero, delay);
        if (owner.ReleaseFailure is not null)
        {
            throw owner.ReleaseFailure;
        }

        lock (owner.Gate)
        {
            if (_held.Remove(delivery.Position))
            {
                place.GiveBack(Group!, [delivery]);
            }
        }
    }

    public ValueTask FlushAsync(CancellationToken cancellationToken) => new(owner.Flushed);

    public int FormatCursor(in Delivery delivery, Span<byte> destination) => 0;

    public ValueTask DisposeAsync()
    {
        lock (owner.Gate)
        {
            place.Remove(this);
            if (_held.Count > 0)
            {
                place.GiveBack(Group!, [.. _held.Values]);
                _held.Clear();
            }

            _end ??= static () => BrokerErrors.SubscriptionEnded("it was disposed");
        }

        return default;
    }

    public void Signal() => ready.Ready();

    public void End(Func<BrokerException> why)
    {
        _end = why;
        ready.Ready();
    }
}
