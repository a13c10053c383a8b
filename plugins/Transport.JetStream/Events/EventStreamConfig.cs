using System.Collections.Frozen;
using EventBroker.Nats.Messages;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.JetStream.Names;
using EventBroker.Transport.JetStream.Settings;
using NATS.Client.JetStream.Models;

namespace EventBroker.Transport.JetStream.Events;

/// <summary>The options of an event as the configuration of its stream, and back.</summary>
internal static class EventStreamConfig
{
    // The servers count headers in, which hold little more than the id here.
    public const int HeaderAllowance = 1024;

    public static readonly IReadOnlySet<EventOption> Known = FrozenSet.ToFrozenSet(
    [
        EventOption.Retention, EventOption.MaxBytes, EventOption.MaxMessages, EventOption.MaxMessageBytes, EventOption.DeduplicationWindow,
        EventOption.Replicas,
    ]);

    public static StreamConfig Create(string eventName, EventOptions options, JetStreamSettings settings)
    {
        var retention = options.Retention ?? settings.Retention;
        var window = options.DeduplicationWindow ?? settings.DeduplicationWindow;
        if (options.DeduplicationWindow > retention)
        {
            throw new BrokerException(
                BrokerErrorCode.FailedPrecondition, "deduplication_window can't be longer than the event's retention: JetStream remembers ids no longer than messages");
        }

        return new StreamConfig(StreamNames.ToStream(settings.StreamPrefix, eventName), [SubjectNames.ToSubject(settings.SubjectPrefix, eventName)])
        {
            // Asked twice for the same stream the servers answer as if they had made it; with another text they say that it is there.
            Description = $"EventBroker event '{eventName}', registration {Guid.NewGuid():n}",
            MaxAge = retention,
            MaxBytes = options.MaxBytes ?? settings.MaxBytesPerEvent?.Bytes ?? -1,
            MaxMsgs = options.MaxMessages ?? settings.MaxMessagesPerEvent ?? -1,
            MaxMsgSize = options.MaxMessageBytes is { } most ? most + HeaderAllowance : -1,
            MaxMsgsPerSubject = -1,
            MaxConsumers = -1,
            DuplicateWindow = window < retention ? window : retention,
            NumReplicas = options.Replicas ?? settings.Replicas,
            Storage = settings.Storage == StreamStorage.Memory ? StreamConfigStorage.Memory : StreamConfigStorage.File,
            Discard = settings.Discard == StreamDiscard.New ? StreamConfigDiscard.New : StreamConfigDiscard.Old,
            Retention = StreamConfigRetention.Limits,
        };
    }

    public static EventOptions Read(StreamConfig config) => new()
    {
        Retention = config.MaxAge > TimeSpan.Zero ? config.MaxAge : null,
        MaxBytes = config.MaxBytes > 0 ? config.MaxBytes : null,
        MaxMessages = config.MaxMsgs > 0 ? config.MaxMsgs : null,
        MaxMessageBytes = config.MaxMsgSize > HeaderAllowance ? config.MaxMsgSize - HeaderAllowance : null,
        DeduplicationWindow = config.DuplicateWindow > TimeSpan.Zero ? config.DuplicateWindow : null,
        Replicas = config.NumReplicas > 0 ? config.NumReplicas : null,
    };

    /// <summary>Refuses a stream of the right name that is not this event's: somebody else's, for other subjects, or one that forgets what was acked.</summary>
    public static void Check(StreamConfig config, string eventName, JetStreamSettings settings)
    {
        var subject = SubjectNames.ToSubject(settings.SubjectPrefix, eventName);
        var fault = settings.Stream is null && (config.Subjects is not { Count: 1 } subjects || subjects.First() != subject)
                ? $"its subjects are not '{subject}' alone"
            : settings.Stream is not null && config.Subjects?.Any(s => SubjectNames.Covers(s, subject)) != true ? $"none of its subjects takes '{subject}'"
            : config.Retention != StreamConfigRetention.Limits ? "its retention is not by limits, so a group's acks would take messages from others"
            : config.Mirror is not null || config.Sources is { Count: > 0 } ? "it copies other streams"
            : config.NoAck ? "it does not acknowledge what is published"
            : null;
        if (fault is not null)
        {
            throw new BrokerException(
                BrokerErrorCode.FailedPrecondition,
                $"the stream '{config.Name}' can't carry the event '{eventName}': {fault}; "
                + (settings.Stream is null ? "remove or rename it, or give this transport another streamPrefix" : "change it, or the setting stream"));
        }
    }
}
