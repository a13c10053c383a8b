using System.Diagnostics.Metrics;
using Confluent.Kafka;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Kafka.Clients;
using EventBroker.Transport.Kafka.Publishing;
using EventBroker.Transport.Kafka.Settings;
using EventBroker.Transport.Kafka.Topics;
using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Kafka;

/// <summary>Keeps events in Apache Kafka. Any number of brokers may use the same cluster: what they share is there, and nowhere else.</summary>
public sealed partial class KafkaTransport : ITransport
{
    private readonly KafkaState _state;
    private readonly EventTable _events;
    private readonly Publisher _publisher;
    private readonly AdminCalls _admin;
    private volatile bool _isClosed;

    private KafkaTransport(KafkaState state, AdminCalls calls)
    {
        _state = state;
        _admin = calls;
        _events = new EventTable(state);
        _publisher = new Publisher(state);
        Capabilities = MakeCapabilities(state);
    }

    /// <inheritdoc/>
    public TransportCapabilities Capabilities { get; }

    /// <summary>Connects to Kafka.</summary>
    /// <param name="name">The transport's name, for errors and metrics.</param>
    /// <param name="settings">Which cluster, and how.</param>
    /// <param name="timeProvider">The clock of this host.</param>
    /// <param name="meter">Gets the counters, all of which begin with <c>eventbroker.kafka.</c>.</param>
    /// <param name="logger">The logger.</param>
    /// <param name="admin">Who makes topics; null for the cluster itself.</param>
    /// <param name="cancellationToken">Ends the wait for Kafka.</param>
    /// <returns>The transport.</returns>
    /// <exception cref="BrokerException"><see cref="BrokerErrorCode.Unavailable"/>: Kafka does not answer;
    /// <see cref="BrokerErrorCode.InvalidArgument"/>: librdkafka does not take a setting. The message says what to do.</exception>
    public static async Task<KafkaTransport> StartAsync(
        string name,
        KafkaSettings settings,
        TimeProvider timeProvider,
        Meter meter,
        ILogger logger,
        ITopicAdmin? admin,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var reach = new Reach(settings.BootstrapServers, timeProvider, logger);
        var clients = new ClientFactory(name, settings, reach, timeProvider, logger);
        var calls = new AdminCalls(Make(clients.MakeAdmin));
        var cluster = new ClusterView(name, calls, settings.Timeout, reach);
        var state = new KafkaState(
            name, settings, clients, cluster, admin ?? new ClusterAdmin(name, calls, settings.Timeout), timeProvider, new KafkaMetrics(name, meter), logger);
        KafkaTransport? transport = null;
        try
        {
            transport = Make(() => new KafkaTransport(state, calls));
            await transport.ReachAsync(cancellationToken);
            return transport;
        }
        catch
        {
            if (transport is null)
            {
                await calls.DisposeAsync();
            }
            else
            {
                await transport.DisposeAsync();
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ITransportSubscription> SubscribeAsync(
        string eventName, SubscribeOptions options, ISubscriber subscriber, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(subscriber);
        ThrowIfClosed();

        // One that was registered anew meanwhile is another one: the cluster is asked, which a subscription takes its time for anyway.
        var topic = await _events.AskAsync(eventName).WaitAsync(cancellationToken);
        var opening = topic.SubscribeAsync(options, subscriber);
        try
        {
            return await opening.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (!opening.IsCompleted)
        {
            _ = CloseLateAsync(opening);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, true))
        {
            return;
        }

        _events.Dispose();
        await Task.WhenAll(_events.All.Select(static e => e.CloseAsync()));
        await _publisher.DisposeAsync();
        await _admin.DisposeAsync();
    }

    private static T Make<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or KafkaException)
        {
            // librdkafka names the setting.
            throw new BrokerException(BrokerErrorCode.InvalidArgument, "librdkafka refuses its settings: " + exception.Message, exception);
        }
    }

    private static TransportCapabilities MakeCapabilities(KafkaState state)
    {
        List<TransportCapability> declared =
        [
            TransportCapability.Durable,
            TransportCapability.ReplayFromBeginning,
            TransportCapability.ReplayFromTimestamp,
            TransportCapability.ReplayFromCursor,
            TransportCapability.WorkerGroups,
            TransportCapability.Broadcast,
            TransportCapability.ConsumerResume,
            TransportCapability.Redelivery,
            TransportCapability.EventListing,
            TransportCapability.EventDescription,
            TransportCapability.Seek,
            TransportCapability.OrderingKeys,
        ];
        if (state.Settings.Partitions == 1)
        {
            declared.Add(TransportCapability.Ordering);
        }

        return new TransportCapabilities(DeliveryGuarantee.AtLeastOnce, declared)
        {
            MaxMessageBytes = state.Settings.MaxMessageBytes,
            RemembersSinglePlace = true,
            MaxUnsettledSpan = state.Settings.MaxUnsettledSpan,
            EventOptions = state.Settings.CreateTopics ? state.Admin.KnownOptions : new HashSet<EventOption>(),
        };
    }

    // Nobody waits for it any more.
    private static async Task CloseLateAsync(Task<ITransportSubscription> opening)
    {
        try
        {
            await (await opening).DisposeAsync();
        }
        catch (BrokerException)
        {
            // It did not open.
        }
    }

    private async Task ReachAsync(CancellationToken cancellationToken)
    {
        var settings = _state.Settings;
        try
        {
            var cluster = await _state.Cluster.DescribeAsync().WaitAsync(settings.StartTimeout, _state.Time, cancellationToken);
            KafkaLog.Started(_state.Logger, settings.BootstrapServers, cluster.Nodes.Count, settings.TopicPrefix);
        }
        catch (Exception exception) when (exception is BrokerException or TimeoutException)
        {
            if (!settings.StartWithoutKafka)
            {
                throw new BrokerException(
                    BrokerErrorCode.Unavailable,
                    $"Kafka at {settings.BootstrapServers} does not answer; check bootstrapServers, sasl and tls, or set startWithoutKafka",
                    exception);
            }

            KafkaLog.StartsWithout(_state.Logger, settings.BootstrapServers);
        }
    }

    private void ThrowIfClosed()
    {
        if (_isClosed)
        {
            throw BrokerErrors.TransportClosed();
        }
    }
}
