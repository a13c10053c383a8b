using System.Buffers;
using NATS.Client.Core;

namespace EventBroker.Nats.Connections;

/// <summary>A subscription without a queue of its own.</summary>
internal sealed class RawSubscription(NatsConnection connection, string subject, string? queueGroup, RawReceiver receive)
    : NatsSubBase(connection, connection.SubscriptionManager, subject, queueGroup, opts: null)
{
    private bool _isReceiving = true;

    /// <summary>Stops listening at once, without waiting for the server to know.</summary>
    public void Mute() => Volatile.Write(ref _isReceiving, false);

    protected override ValueTask ReceiveInternalAsync(
        string subject, string? replyTo, ReadOnlySequence<byte>? headersBuffer, ReadOnlySequence<byte> payloadBuffer)
    {
        if (Volatile.Read(ref _isReceiving))
        {
            receive(subject, replyTo, headersBuffer ?? ReadOnlySequence<byte>.Empty, payloadBuffer);
        }

        return default;
    }

    protected override void TryComplete()
    {
        // There is no queue to end.
    }
}
