using System.Buffers;
using EventBroker.Nats.Connections;
using EventBroker.Transport.Nats.Messages;

namespace EventBroker.Transport.Nats.Broadcast;

/// <summary>One NATS subscription to an event for all broadcast subscriptions of this host: each message is decoded once.</summary>
internal sealed class BroadcastFeed : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<BroadcastSubscription> _waiting = [];
    private readonly TransportState _transport;
    private readonly RawSubscription _subscription;

    public BroadcastFeed(string subject, TransportState transport)
    {
        _transport = transport;
        Ring = new Ring(transport.Settings.MaxWaitingMessages, transport.Settings.MaxWaitingBytes.Bytes);
        _subscription = new RawSubscription(transport.Link.Connection, subject, queueGroup: null, OnMessage);
    }

    public Ring Ring { get; }

    public ulong Epoch { get; } = TransportState.NextEpoch();

    public async ValueTask OpenAsync(CancellationToken cancellationToken) =>
        await _transport.Link.Connection.AddSubAsync(_subscription, cancellationToken);

    /// <summary>Notes that a subscription waits for what comes at a place.</summary>
    /// <returns>False if it is there already.</returns>
    public bool Wait(BroadcastSubscription subscription, long next)
    {
        lock (_gate)
        {
            if (Ring.End > next)
            {
                return false;
            }

            if (!_waiting.Contains(subscription))
            {
                _waiting.Add(subscription);
            }

            return true;
        }
    }

    public void Forget(BroadcastSubscription subscription)
    {
        lock (_gate)
        {
            _waiting.Remove(subscription);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _subscription.Mute();
        await _subscription.DisposeAsync();
    }

    private void OnMessage(string subject, string? replyTo, ReadOnlySequence<byte> headers, ReadOnlySequence<byte> payload)
    {
        var message = WireHeaders.Read(headers, payload, _transport.Link.Time.GetUtcNow(), out _);
        BroadcastSubscription[] woken;
        lock (_gate)
        {
            Ring.Add(message);
            woken = [.. _waiting];
            _waiting.Clear();
        }

        foreach (var subscription in woken)
        {
            subscription.Ready();
        }
    }
}
