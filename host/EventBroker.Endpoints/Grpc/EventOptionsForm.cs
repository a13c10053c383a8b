using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using Google.Protobuf.WellKnownTypes;
using Proto = EventBroker.Protos.Event.V1;

namespace EventBroker.Endpoints.Grpc;

// event.v1.EventOptions in the broker's terms, and back. The broker checks what they mean; here only what it can't express is refused.
internal static class EventOptionsForm
{
    public static EventOptions ToBroker(Proto.EventOptions? options) => options is null ? EventOptions.None : new EventOptions
    {
        Retention = ToTimeSpan(options.Retention, "retention"),
        MaxBytes = options.HasMaxBytes ? options.MaxBytes : null,
        MaxMessages = options.HasMaxMessages ? options.MaxMessages : null,
        MaxMessageBytes = options.HasMaxMessageBytes ? options.MaxMessageBytes : null,
        DeduplicationWindow = ToTimeSpan(options.DeduplicationWindow, "deduplication_window"),
        Partitions = options.HasPartitions ? options.Partitions : null,
        Replicas = options.HasReplicas ? options.Replicas : null,
    };

    public static Proto.EventOptions ToWire(EventOptions options)
    {
        var wire = new Proto.EventOptions
        {
            Retention = options.Retention?.ToDuration(),
            DeduplicationWindow = options.DeduplicationWindow?.ToDuration(),
        };
        if (options.MaxBytes is { } bytes)
        {
            wire.MaxBytes = bytes;
        }

        if (options.MaxMessages is { } messages)
        {
            wire.MaxMessages = messages;
        }

        if (options.MaxMessageBytes is { } messageBytes)
        {
            wire.MaxMessageBytes = messageBytes;
        }

        if (options.Partitions is { } partitions)
        {
            wire.Partitions = partitions;
        }

        if (options.Replicas is { } replicas)
        {
            wire.Replicas = replicas;
        }

        return wire;
    }

    private static TimeSpan? ToTimeSpan(Duration? duration, string name) => duration is null
        ? null
        : ProtoDuration.ToTimeSpan(duration) ?? throw new BrokerException(BrokerErrorCode.InvalidArgument, $"options.{name} is no valid duration");
}
