using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Publishing;

/// <summary>A message on its way to Redis, and whoever waits for it.</summary>
internal sealed class PendingPublish(in TransportMessage message)
    : TaskCompletionSource<PublishReceipt>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    /// <summary>Gets the id by which a repetition is known; empty for one that the broker has made up, which nobody can repeat.</summary>
    public RedisValue Id { get; } = message.HasGeneratedId ? RedisValue.EmptyString : GetId(message.Message);

    public RedisValue Payload { get; } = message.Message.Bytes;

    public int Length { get; } = message.Message.Length;

    private static RedisValue GetId(EncodedMessage message)
    {
        var reader = message.CreateReader();
        while (reader.Read())
        {
            if (reader.Field == MessageField.Id)
            {
                // Where it stands in the message, without a copy.
                message.Bytes.Span.Overlaps(reader.Value, out var offset);
                return message.Bytes.Slice(offset, reader.Value.Length);
            }
        }

        return RedisValue.EmptyString;
    }
}
