using System.Buffers;

namespace EventBroker.Nats.Connections;

/// <summary>Gets a message as it came, on the connection's own reading thread: it must be quick and must not throw.</summary>
/// <param name="subject">The subject it was published to.</param>
/// <param name="replyTo">Where an answer goes; null for nowhere.</param>
/// <param name="headers">The encoded headers, empty for none; valid during the call.</param>
/// <param name="payload">The payload; valid during the call.</param>
internal delegate void RawReceiver(string subject, string? replyTo, ReadOnlySequence<byte> headers, ReadOnlySequence<byte> payload);
