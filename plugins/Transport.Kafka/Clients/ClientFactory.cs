using Confluent.Kafka;
using EventBroker.Transport.Kafka.Settings;
using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Kafka.Clients;

/// <summary>Makes the clients of a transport, all alike but for what they are for.</summary>
internal sealed class ClientFactory(string name, KafkaSettings settings, Reach reach, TimeProvider time, ILogger logger)
{
    // So far a batch with one message is larger than the message: headers, and what the protocol puts around.
    private const int BatchOverhead = 40 * 1024;

    public Reach Reach => reach;

    /// <summary>Makes a producer.</summary>
    /// <param name="onFatal">Called when it can't go on.</param>
    /// <param name="statistics">Takes what librdkafka tells of itself.</param>
    public IProducer<byte[]?, byte[]?> MakeProducer(Action<IProducer<byte[]?, byte[]?>, Error> onFatal, ProducerStatistics statistics)
    {
        var config = new ProducerConfig(MakeCommon(settings.Producer))
        {
            EnableIdempotence = true,
            Acks = Acks.All,
            MessageMaxBytes = settings.MaxMessageBytes + BatchOverhead,
            MessageTimeoutMs = (int)settings.Timeout.TotalMilliseconds,
            DeliveryReportFields = "status",
            EnableDeliveryReports = true,
        };
        config.LingerMs ??= 0;
        config.StatisticsIntervalMs ??= (int)ProducerStatistics.Interval.TotalMilliseconds;

        // A topic that was there a moment ago and is not known is gone; there is nothing to wait for.
        config.TopicMetadataPropagationMaxMs ??= 1_000;
        var builder = new ProducerBuilder<byte[]?, byte[]?>(config);
        builder.SetStatisticsHandler((_, json) => statistics.Note(json));
        builder.SetErrorHandler((producer, error) =>
        {
            if (error.IsFatal)
            {
                onFatal(producer, error);
            }
            else
            {
                OnError(error);
            }
        });
        builder.SetLogHandler((_, message) => Log(message));
        if (UsesTokens)
        {
            builder.SetOAuthBearerTokenRefreshHandler((client, _) => Authenticate(client));
        }

        return builder.Build();
    }

    public IAdminClient MakeAdmin()
    {
        var builder = new AdminClientBuilder(new AdminClientConfig(MakeCommon(null)));
        builder.SetErrorHandler((_, error) => OnError(error));
        builder.SetLogHandler((_, message) => Log(message));
        if (UsesTokens)
        {
            builder.SetOAuthBearerTokenRefreshHandler((client, _) => Authenticate(client));
        }

        return builder.Build();
    }

    public ConsumerBuilder<byte[]?, byte[]?> MakeConsumer(string groupId)
    {
        var config = new ConsumerConfig(MakeCommon(settings.Consumer))
        {
            GroupId = groupId,
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            EnablePartitionEof = true,

            // What is asked for is not there any more: go on with the oldest that is.
            AutoOffsetReset = AutoOffsetReset.Earliest,
            PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
            SessionTimeoutMs = (int)settings.SessionTimeout.TotalMilliseconds,
        };
        config.HeartbeatIntervalMs ??= (int)Math.Clamp(settings.SessionTimeout.TotalMilliseconds / 10, 50, 3_000);

        // A place of its own reads no more ahead than its workers can take, and there may be hundreds of places.
        config.QueuedMinMessages ??= 1_000;

        // By default a partition of which so many wait here is not asked for a whole second.
        config.FetchQueueBackoffMs ??= 10;
        config.QueuedMaxMessagesKbytes ??= 16 * 1024;
        if (config.MaxPollIntervalMs < config.SessionTimeoutMs)
        {
            // Kafka's client asks for it; polling goes on whatever workers do.
            config.MaxPollIntervalMs = config.SessionTimeoutMs;
        }

        var builder = new ConsumerBuilder<byte[]?, byte[]?>(config);
        builder.SetErrorHandler((_, error) => OnError(error));
        builder.SetLogHandler((_, message) => Log(message));
        if (UsesTokens)
        {
            builder.SetOAuthBearerTokenRefreshHandler((client, _) => Authenticate(client));
        }

        return builder;
    }

    /// <summary>Makes a consumer that may be asked at once: that it needs a token it would say only while it is polled.</summary>
    public IConsumer<byte[]?, byte[]?> Build(ConsumerBuilder<byte[]?, byte[]?> builder)
    {
        var consumer = builder.Build();
        if (UsesTokens)
        {
            Authenticate(consumer);
        }

        return consumer;
    }

    private bool UsesTokens => settings.Sasl?.Mechanism == KafkaSaslMechanism.OAuthBearer;

    private Dictionary<string, string> MakeCommon(Dictionary<string, string>? own)
    {
        var config = new ClientConfig
        {
            BootstrapServers = settings.BootstrapServers,
            ClientId = "eventbroker-" + name,
            AllowAutoCreateTopics = false,
            TopicMetadataRefreshIntervalMs = (int)Math.Max(settings.WatchInterval.TotalMilliseconds, 100),
            SocketKeepaliveEnable = true,

            // A cluster that comes back is found soon.
            ReconnectBackoffMs = 50,
            ReconnectBackoffMaxMs = 1_000,
        };
        ClientSecurity.Apply(config, settings);
        var all = config.ToDictionary(static c => c.Key, static c => c.Value, StringComparer.Ordinal);
        foreach (var (key, value) in settings.Librdkafka.Concat(own ?? []))
        {
            all[key] = value;
        }

        return all;
    }

    private void Authenticate(IClient client)
    {
        try
        {
            var token = TokenFile.Read(settings.Sasl!, time);
            client.OAuthBearerSetToken(token.Text, token.ExpiresMilliseconds, settings.Sasl!.User ?? "eventbroker");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException or KafkaException or ArgumentException)
        {
            client.OAuthBearerSetTokenFailure(exception.Message);
            KafkaLog.TokenRefused(logger, settings.Sasl!.TokenPath!, exception.Message);
        }
    }

    private void OnError(Error error)
    {
        if (error.Code is ErrorCode.Local_AllBrokersDown or ErrorCode.Local_Authentication || error.IsFatal)
        {
            reach.Failed(error.Reason);
        }
    }

    // What concerns calls is told by them; the rest is for whoever looks for the cause.
    private void Log(LogMessage message) => KafkaLog.Client(logger, message.Name, message.Facility, message.Message);
}
