using System.Diagnostics.Metrics;
using System.Text.Json;
using EventBroker.Nats.Connections;
using EventBroker.Nats.Messages;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.JetStream.Events;
using EventBroker.Transport.JetStream.Names;
using EventBroker.Transport.JetStream.Settings;
using EventBroker.Transport.JetStream.Watching;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace EventBroker.Transport.JetStream;

/// <summary>Keeps events in NATS JetStream: a stream for each event, a durable consumer for each worker group and consumer id.</summary>
public sealed partial class JetStreamTransport : ITransport
{
    private readonly TransportState _state;
    private readonly EventTable _events;
    private readonly HostChannel _channel;
    private readonly Task _opening;
    private int _isClosed;

    private JetStreamTransport(string name, JetStreamSettings settings, NatsLink link, Meter meter, ILogger logger)
    {
        var api = new JetStreamApi(link, settings.Domain);
        _state = new TransportState(name, settings, link, api, new ReplyInbox(link), new JetStreamMetrics(name, meter), logger);
        _events = new EventTable(_state);
        _channel = _state.Channel = new HostChannel(link, settings.SubjectPrefix, _events);
        Capabilities = Declare(settings, link);
        link.Opened += OnOpened;
        _opening = OpenAsync();
    }

    /// <inheritdoc/>
    public TransportCapabilities Capabilities { get; }

    /// <summary>Makes a transport, and waits for the servers for as long as <see cref="Nats.Settings.NatsSettings.StartTimeout"/> says.</summary>
    /// <param name="name">The transport's name, for errors and metrics.</param>
    /// <param name="settings">Where the servers are, and how events are kept.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="meter">Gets the counters <c>eventbroker.jetstream.missed</c> and <c>.returned</c>.</param>
    /// <param name="logger">The logger.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The transport, connected or not.</returns>
    /// <exception cref="BrokerException">The servers refuse who this broker is.</exception>
    public static async Task<JetStreamTransport> StartAsync(
        string name, JetStreamSettings settings, TimeProvider timeProvider, Meter meter, ILogger logger, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(meter);
        var link = await NatsLink.StartAsync(settings, timeProvider, logger, cancellationToken);
        var transport = new JetStreamTransport(name, settings, link, meter, logger);
        if (link.IsOpen)
        {
            await transport._opening.WaitAsync(cancellationToken);
        }

        return transport;
    }

    /// <inheritdoc/>
    public async ValueTask RegisterAsync(string eventName, EventOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ThrowIfClosed();
        foreach (var option in options.GetSet().Where(static o => !EventStreamConfig.Known.Contains(o)))
        {
            throw BrokerErrors.OptionNotSupported(
                _state.Name, JsonNamingPolicy.SnakeCaseLower.ConvertName(option.ToString()), "a stream has no such thing");
        }

        if (_state.Settings.Stream is not null)
        {
            throw _state.Settings.Events.Contains(eventName, StringComparer.Ordinal) ? BrokerErrors.EventAlreadyRegistered() : OfSettings();
        }

        var config = EventStreamConfig.Create(eventName, options, _state.Settings);
        try
        {
            var made = await _state.Api.CallAsync(
                (js, token) => js.CreateStreamAsync(config, token), cancellationToken, JetStreamErrors.StreamNameInUse);
            _events.Note(eventName, made.Info);
        }
        catch (NatsJSApiException)
        {
            // Refuses where the stream of this name is somebody else's.
            await _events.FindAsync(eventName, cancellationToken);
            throw BrokerErrors.EventAlreadyRegistered();
        }
    }

    /// <inheritdoc/>
    public async ValueTask UnregisterAsync(string eventName, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        var stream = await _events.FindAsync(eventName, cancellationToken);
        if (stream.IsShared)
        {
            throw OfSettings();
        }

        var isDeleted = await _state.Api.FindAsync(
            async (js, token) => (object)await js.DeleteStreamAsync(stream.StreamName, token), cancellationToken);
        stream.Remove(static () => BrokerErrors.SubscriptionEnded("the event was unregistered"));
        if (isDeleted is null)
        {
            throw BrokerErrors.EventNotRegistered();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        return _state.Settings.Stream is not null
            ? [.. _state.Settings.Events]
            : await _state.Api.CallAsync(
                async (js, token) =>
                {
                    var names = new List<string>();
                    await foreach (var stream in js.ListStreamNamesAsync(_state.Settings.SubjectPrefix + ".>", token))
                    {
                        if (StreamNames.TryToEventName(_state.Settings.StreamPrefix, stream, out var name))
                        {
                            names.Add(name);
                        }
                    }

                    return (IReadOnlyCollection<string>)names;
                },
                cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<EventDescription> DescribeAsync(string eventName, CancellationToken cancellationToken) =>
        await (await _events.FindAsync(eventName, cancellationToken)).DescribeAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask SeekAsync(string eventName, SeekRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        await (await _events.FindAsync(eventName, cancellationToken)).SeekAsync(request, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<ITransportSubscription> SubscribeAsync(
        string eventName, SubscribeOptions options, ISubscriber subscriber, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(subscriber);
        await ReadyAsync(cancellationToken);
        var stream = await _events.FindAsync(eventName, cancellationToken);
        return options.Mode == DeliveryMode.WorkerPool || options.ConsumerId.Length > 0
            ? await stream.OpenPlaceAsync(options, subscriber, cancellationToken)
            : await stream.OpenBroadcastAsync(options, subscriber, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0)
        {
            return;
        }

        _state.Link.Opened -= OnOpened;

        // What is held goes back before the connection does.
        await _events.CloseAsync();
        await _state.Link.DisposeAsync();
        await _channel.DisposeAsync();
        await _state.Replies.DisposeAsync();
    }

    private void ThrowIfClosed()
    {
        if (Volatile.Read(ref _isClosed) != 0)
        {
            throw BrokerErrors.TransportClosed();
        }
    }

    private BrokerException OfSettings() => new(
        BrokerErrorCode.FailedPrecondition,
        $"the events of transport '{_state.Name}' stand in its settings (events), since their stream '{_state.Settings.Stream}' is the operator's; change them there");

    private static TransportCapabilities Declare(JetStreamSettings settings, NatsLink link) => new(
        DeliveryGuarantee.AtLeastOnce,
        TransportCapability.Durable,
        TransportCapability.ReplayFromBeginning,
        TransportCapability.ReplayFromTimestamp,
        TransportCapability.ReplayFromCursor,
        TransportCapability.WorkerGroups,
        TransportCapability.Broadcast,
        TransportCapability.ConsumerResume,
        TransportCapability.Redelivery,
        TransportCapability.RedeliveryDelay,
        TransportCapability.Ordering,
        TransportCapability.Deduplication,
        TransportCapability.EventListing,
        TransportCapability.EventDescription,
        TransportCapability.Seek)
    {
        MaxMessageBytes = (int)Math.Min(settings.MaxMessageBytes.Bytes, link.MaxPayload - EventStreamConfig.HeaderAllowance),
        MaxCursorLength = Position.MaxTextLength,
        RenewalInterval = settings.AckWait / 3,
        EventOptions = EventStreamConfig.Known,
    };

    private ValueTask ReadyAsync(CancellationToken cancellationToken) =>
        _opening.IsCompletedSuccessfully ? _state.Link.EnsureOpenAsync(cancellationToken) : WaitReadyAsync(cancellationToken);

    private async ValueTask WaitReadyAsync(CancellationToken cancellationToken)
    {
        await _state.Link.EnsureOpenAsync(cancellationToken);
        await _opening.WaitAsync(cancellationToken);
    }

    // With the first connection; later the client itself keeps up what it listens to.
    private async Task OpenAsync()
    {
        try
        {
            await _state.Link.FirstOpened;
            await _state.Replies.OpenAsync(_state.Link.Closing);
            await _channel.OpenAsync(_state.Link.Closing);
        }
        catch (Exception exception) when (exception is NatsException or OperationCanceledException or ObjectDisposedException)
        {
            // Closed before there was a connection.
        }
    }

    private void OnOpened(object? sender, EventArgs args)
    {
        foreach (var stream in _events.All)
        {
            stream.ReadAnew();
        }
    }
}
