using System.Globalization;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Settings;
using EventBroker.Sdk.Transports;
using NATS.Client.JetStream.Models;

namespace EventBroker.Transport.JetStream.Places;

/// <summary>How the durable consumer of a place is configured, and whether one that is there is configured like that.</summary>
internal static class PlaceConsumer
{
    public static ConsumerConfig Configure(string consumer, PlaceNote note, TimeSpan ackWait, string? filter) => new(consumer)
    {
        DurableName = consumer,
        Description = note.ToString(),
        FilterSubject = filter,
        AckPolicy = ConsumerConfigAckPolicy.Explicit,
        AckWait = ackWait,
        MaxDeliver = -1,

        // The limit would be the whole group's, and what waits for its redelivery would count: the broker limits each member.
        MaxAckPending = -1,
        ReplayPolicy = ConsumerConfigReplayPolicy.Instant,
    };

    /// <summary>Says where a new place begins.</summary>
    public static void Begin(ConsumerConfig config, StartPosition start, DateTimeOffset? time, ulong? next)
    {
        if (next is { } sequence)
        {
            (config.DeliverPolicy, config.OptStartSeq) = (ConsumerConfigDeliverPolicy.ByStartSequence, sequence);
            return;
        }

        switch (start)
        {
            case StartPosition.Beginning:
                config.DeliverPolicy = ConsumerConfigDeliverPolicy.All;
                break;
            case StartPosition.Timestamp:
                config.DeliverPolicy = ConsumerConfigDeliverPolicy.ByStartTime;
                config.OptStartTime = time ?? throw new BrokerException(
                    BrokerErrorCode.InvalidArgument, "start_time is required with start_from=timestamp");
                break;
            default:
                config.DeliverPolicy = ConsumerConfigDeliverPolicy.New;
                break;
        }
    }

    /// <summary>Refuses a consumer that somebody has configured otherwise: changing it would be somebody else's surprise.</summary>
    public static void Check(ConsumerConfig found, TimeSpan ackWait, string? filter, string transport)
    {
        (string Name, string Found, string Asked)[] all =
        [
            ("deliver_subject", found.DeliverSubject ?? "", ""),
            ("ack_policy", found.AckPolicy.ToString(), nameof(ConsumerConfigAckPolicy.Explicit)),
            ("ack_wait", DurationText.Format(found.AckWait), DurationText.Format(ackWait)),
            ("max_deliver", Number(found.MaxDeliver), "-1"),
            ("max_ack_pending", Number(found.MaxAckPending), "-1"),
            ("filter_subject", found.FilterSubject ?? string.Join(',', found.FilterSubjects ?? []), filter ?? ""),
            ("replay_policy", found.ReplayPolicy.ToString(), nameof(ConsumerConfigReplayPolicy.Instant)),
            ("headers_only", found.HeadersOnly ? "true" : "false", "false"),
            ("backoff", Number(found.Backoff?.Count ?? 0), "0"),
        ];
        foreach (var (name, is_, asked) in all)
        {
            if (is_ != asked)
            {
                throw new BrokerException(
                    BrokerErrorCode.FailedPrecondition,
                    $"transport '{transport}' can't use the consumer '{found.DurableName ?? found.Name}': its {name} is '{is_}' and would have to be '{asked}'"
                    + (name == "ack_wait" ? " (setting ackWait; all hosts need the same)" : "") + "; change it, or remove the consumer with its place");
            }
        }

        static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
    }
}
