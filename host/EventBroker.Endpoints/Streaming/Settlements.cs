using EventBroker.Broker;
using EventBroker.Broker.Settling;
using EventBroker.Sdk.Interception;

namespace EventBroker.Endpoints.Streaming;

// Makes the broker's entry of what a client said, the same for every protocol.
internal static class Settlements
{
    private static readonly TimeSpan MinExtend = TimeSpan.FromSeconds(1);

    public static SettleEntry Make(ReadOnlySpan<byte> ackId, string? error, TimeSpan? delay, TimeSpan? extend)
    {
        // What is no ack id at all is one that nobody gave out.
        var id = AckId.TryParse(ackId, out var parsed) ? parsed : default;
        var nack = !string.IsNullOrEmpty(error);
        var entry = new SettleEntry
        {
            AckId = id,
            Settlement = nack ? Settlement.Nack : extend is null ? Settlement.Ack : Settlement.Extend,

            // A nack that names no delay leaves it to the broker, which is another thing than a delay of zero.
            Time = extend ?? delay,
            Error = nack ? error : null,
        };

        var contradicts = (extend is not null && (nack || delay is not null)) || (delay is not null && !nack);
        if (contradicts
            || delay < TimeSpan.Zero || delay > BrokerOptions.MaxAckTimeout
            || extend < MinExtend || extend > BrokerOptions.MaxAckTimeout)
        {
            entry.Result = SettleResult.Invalid;
        }

        return entry;
    }
}
