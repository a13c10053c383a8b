using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Publishing;

/// <summary>A message on its way to Redis, and whoever waits for it.</summary>
internal sealed class PendingPublish(EncodedMessage message)
    : TaskCompletionSource<PublishReceipt>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public RedisValue Id { get; } = GetId(message);

    public RedisValue Payload { get; } = message.Bytes;

    public int Length => message.Length;

    private static RedisValue GetId(EncodedMessage message)
    {
        var reader = message.CreateReader();
        while (reader.Read())
        {
            if (reader.Field == MessageField.Id)
            {
                return reader.Value.ToArray();
            }
        }

        return RedisValue.EmptyString;
    }
}
