using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json;
using EventBroker.Nats.Connections;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Nats.Events;
using EventBroker.Transport.Nats.Publishing;
using EventBroker.Transport.Nats.Settings;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;

namespace EventBroker.Transport.Nats;

/// <summary>Carries events over NATS subjects, at most once: nothing is kept, and who is not there misses what is published.</summary>
public sealed partial class NatsTransport : ITransport
{
    // What a message gains as headers: names, and the time.
    private const int HeaderAllowance = 1024;

    private readonly ConcurrentDictionary<string, EventChannel> _channels = new(StringComparer.Ordinal);
    private readonly TransportState _state;
    private readonly ReplyInbox _replies;
    private readonly Publisher _publisher;
    private readonly EventList _events;
    private readonly Task _opening;
    private int _isClosed;

    private NatsTransport(string name, NatsTransportSettings settings, NatsLink link, Meter meter, ILogger logger)
    {
        _state = new TransportState(name, settings, link, new NatsMetrics(name, meter), logger);
        _replies = new ReplyInbox(link);
        _publisher = new Publisher(link, _replies);
        _events = new EventList(_state, OnRemoved);
        Capabilities = new TransportCapabilities(
            DeliveryGuarantee.AtMostOnce,
            TransportCapability.WorkerGroups,
            TransportCapability.Broadcast,
            TransportCapability.Redelivery,
            TransportCapability.Ordering,
            TransportCapability.EventListing)
        {
            MaxMessageBytes = (int)Math.Min(settings.MaxMessageBytes.Bytes, link.MaxPayload - HeaderAllowance),
        };
        _opening = OpenAsync();
    }

    /// <inheritdoc/>
    public TransportCapabilities Capabilities { get; }

    /// <summary>Makes a transport, and waits for the servers for as long as the settings say.</summary>
    /// <param name="name">The transport's name, for errors and metrics.</param>
    /// <param name="settings">Where the servers are, and which events there are.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="meter">Gets the counters <c>eventbroker.nats.missed</c> and <c>.lost</c>.</param>
    /// <param name="logger">The logger.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The transport, connected or not.</returns>
    /// <exception cref="BrokerException">The servers refuse who this broker is.</exception>
    public static async Task<NatsTransport> StartAsync(
        string name, NatsTransportSettings settings, TimeProvider timeProvider, Meter meter, ILogger logger, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(meter);
        var link = await NatsLink.StartAsync(settings, timeProvider, logger, cancellationToken);
        var transport = new NatsTransport(name, settings, link, meter, logger);
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
        foreach (var option in options.GetSet())
        {
            throw BrokerErrors.OptionNotSupported(
                _state.Name, JsonNamingPolicy.SnakeCaseLower.ConvertName(option.ToString()), "it keeps nothing of an event; use a transport over JetStream");
        }

        await ReadyAsync(cancellationToken);
        await _events.AddAsync(eventName, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask UnregisterAsync(string eventName, CancellationToken cancellationToken)
    {
        await ReadyAsync(cancellationToken);
        await _events.RemoveAsync(eventName, cancellationToken);
        OnRemoved(eventName, ulong.MaxValue);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellationToken)
    {
        await ReadyAsync(cancellationToken);
        return await _events.ListAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<ITransportSubscription> SubscribeAsync(
        string eventName, SubscribeOptions options, ISubscriber subscriber, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(subscriber);
        RefuseWhatNeedsKeeping(options);
        await ReadyAsync(cancellationToken);
        var channel = await FindAsync(eventName, cancellationToken);
        try
        {
            return await channel.SubscribeAsync(options, subscriber, cancellationToken);
        }
        catch (Exception exception) when (
            exception is NatsException or ObjectDisposedException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw _state.Link.Unreachable(exception);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0)
        {
            return;
        }

        foreach (var (_, channel) in _channels)
        {
            // What is held goes to the other hosts before the connection goes.
            await channel.CloseAsync();
        }

        await _state.Link.DisposeAsync();
        await _replies.DisposeAsync();
    }

    private void RefuseWhatNeedsKeeping(SubscribeOptions options)
    {
        const string Keeps = "NATS without JetStream keeps nothing; use a transport over JetStream";
        var option = options.ResumeAfter is not null ? "resume_after"
            : options.Start is StartPosition.Beginning or StartPosition.Timestamp ? "start_from=" + options.Start.ToString().ToLowerInvariant()
            : options is { Mode: DeliveryMode.Broadcast, ConsumerId.Length: > 0 } ? "consumer_id"
            : null;
        if (option is not null)
        {
            throw BrokerErrors.OptionNotSupported(_state.Name, option, Keeps);
        }
    }

    private async ValueTask<EventChannel> FindAsync(string eventName, CancellationToken cancellationToken)
    {
        var revision = await _events.FindAsync(eventName, cancellationToken);
        while (true)
        {
            var channel = _channels.GetOrAdd(eventName, name => new EventChannel(name, revision, _state, _publisher));
            if (channel.Revision == revision)
            {
                // Not before: what comes into the table afterwards is perhaps too late for whoever closes all.
                return Volatile.Read(ref _isClosed) == 0 ? channel : throw BrokerErrors.TransportClosed();
            }

            // From before it was registered anew.
            End(channel);
        }
    }

    // All that is not of this revision, and so of one before.
    private void OnRemoved(string eventName, ulong revision)
    {
        if (_channels.TryGetValue(eventName, out var channel) && channel.Revision != revision)
        {
            End(channel);
        }
    }

    private void End(EventChannel channel)
    {
        // In this order: whoever comes meanwhile waits for the end of it, or runs it once more, and does not go on while it is under way.
        channel.Remove();
        _channels.TryRemove(KeyValuePair.Create(channel.Name, channel));
    }

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
            await _replies.OpenAsync(_state.Link.Closing);
        }
        catch (Exception exception) when (exception is NatsException or OperationCanceledException or ObjectDisposedException)
        {
            // Closed before there was a connection.
        }
    }
}
