using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.JetStream.Events;
using EventBroker.Transport.JetStream.Publishing;
using NATS.Client.Core;

namespace EventBroker.Transport.JetStream;

// Publishing: whatever is published at the same time goes out together, and each message has its own answer.
public sealed partial class JetStreamTransport
{
    /// <inheritdoc/>
    public async ValueTask<PublishReceipt> PublishAsync(string eventName, TransportMessage message, CancellationToken cancellationToken)
    {
        await ReadyAsync(cancellationToken);
        var stream = _events.FindKnown(eventName) ?? await _events.FindAsync(eventName, cancellationToken);
        if (Refusal(stream, message) is { } refusal)
        {
            throw refusal;
        }

        var reply = await SendAsync(stream, message.Message, cancellationToken);
        await reply.Result.WaitAsync(cancellationToken);
        return await JudgeAsync(stream, reply, cancellationToken) is { } failure ? throw failure : ReceiptOf(stream, reply);
    }

    /// <inheritdoc/>
    public async ValueTask PublishAsync(string eventName, PublishBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        await ReadyAsync(cancellationToken);
        var stream = _events.FindKnown(eventName) ?? await _events.FindAsync(eventName, cancellationToken);
        var replies = new PublishReply?[batch.Count];
        for (var i = 0; i < replies.Length; i++)
        {
            if (Refusal(stream, batch[i]) is { } refusal)
            {
                batch.Fail(i, refusal);
            }
            else
            {
                replies[i] = await SendAsync(stream, batch[i].Message, cancellationToken);
            }
        }

        for (var i = 0; i < replies.Length; i++)
        {
            if (replies[i] is not { } reply)
            {
                continue;
            }

            await reply.Result.WaitAsync(cancellationToken);
            switch (await JudgeAsync(stream, reply, cancellationToken))
            {
                case null:
                    batch.Accept(i, ReceiptOf(stream, reply));
                    break;
                case { Code: BrokerErrorCode.NotFound } gone:
                    throw gone;
                case var failure:
                    batch.Fail(i, failure);
                    break;
            }
        }
    }

    private static PublishReceipt ReceiptOf(EventStream stream, PublishReply reply) =>
        new() { Position = new Position(stream.Epoch, reply.Sequence), IsDuplicate = reply.IsDuplicate };

    private async ValueTask<PublishReply> SendAsync(EventStream stream, EncodedMessage message, CancellationToken cancellationToken)
    {
        var reply = new PublishReply();
        var subject = _state.Replies.Expect(reply, out var id);
        try
        {
            await _state.Link.Connection.PublishAsync(
                stream.Subject,
                message.Bytes,
                MessageHeaders.Make(message, stream.Filter),
                replyTo: subject,
                serializer: NatsRawSerializer<ReadOnlyMemory<byte>>.Default,
                cancellationToken: cancellationToken);
        }
        catch (NatsPayloadTooLargeException exception)
        {
            _state.Replies.Forget(id);
            reply.Fail(new BrokerException(BrokerErrorCode.ResourceExhausted, "the message is larger than the NATS server takes now", exception) { IsFinal = true });
        }
        catch (Exception exception) when (
            exception is NatsException or ObjectDisposedException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            _state.Replies.Forget(id);
            reply.Fail(_state.Link.Unreachable(exception));
        }

        return reply;
    }

    // What the answer means; where nobody took the message the stream is looked for.
    private async ValueTask<BrokerException?> JudgeAsync(EventStream stream, PublishReply reply, CancellationToken cancellationToken)
    {
        if (reply.Failure is { } failure)
        {
            if (failure.Code == BrokerErrorCode.Unavailable && !_state.Link.IsOpen)
            {
                _ = _state.Link.Unreachable(failure);
            }

            return failure;
        }

        if (!reply.IsUnclaimed)
        {
            return reply.Stream == stream.StreamName ? null : BrokerErrors.EventNotRegistered();
        }

        return await stream.IsGoneAsync(cancellationToken)
            ? BrokerErrors.EventNotRegistered()
            : new BrokerException(BrokerErrorCode.Unavailable, "the event's stream has no leader just now");
    }

    private BrokerException? Refusal(EventStream stream, in TransportMessage message)
    {
        if (message.OrderingKey is not null)
        {
            return BrokerErrors.OptionNotSupported(
                _state.Name, "ordering_key", "it keeps the order of all messages of an event, not of those with the same key");
        }

        if (message.DueTime is not null)
        {
            return BrokerErrors.OptionNotSupported(_state.Name, "due_time", "it delivers at once; publish the message when it is due");
        }

        if (stream.MaxMessageBytes is { } most && message.Message.Length > most)
        {
            return TooLarge(message, most, "the event takes");
        }

        var atMost = Math.Min(Capabilities.MaxMessageBytes!.Value, _state.Link.MaxPayload - EventStreamConfig.HeaderAllowance);
        return message.Message.Length > atMost ? TooLarge(message, atMost, "NATS takes") : null;
    }

    private static BrokerException TooLarge(in TransportMessage message, int most, string who) =>
        new(BrokerErrorCode.ResourceExhausted, $"the message has {message.Message.Length} bytes, and {who} {most} at the most") { IsFinal = true };
}
