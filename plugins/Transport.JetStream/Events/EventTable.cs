using System.Collections.Concurrent;
using EventBroker.Sdk.Errors;
using EventBroker.Transport.JetStream.Names;
using NATS.Client.JetStream.Models;

namespace EventBroker.Transport.JetStream.Events;

/// <summary>The events that this host knows of. The servers know all; an event is looked for there when it is first used.</summary>
internal sealed class EventTable
{
    private readonly ConcurrentDictionary<string, EventStream> _events = new(StringComparer.Ordinal);
    private readonly TransportState _transport;
    private volatile bool _isClosed;

    public EventTable(TransportState transport) => _transport = transport;

    public IEnumerable<EventStream> All => _events.Values;

    /// <summary>Gets an event that is known here already.</summary>
    public EventStream? FindKnown(string eventName) => _events.GetValueOrDefault(eventName);

    public IEnumerable<EventStream> FindByStream(string stream) => _events.Values.Where(e => e.StreamName == stream);

    /// <summary>Gets an event, from the servers if it is not known here.</summary>
    /// <exception cref="BrokerException">There is no such event.</exception>
    public ValueTask<EventStream> FindAsync(string eventName, CancellationToken cancellationToken)
    {
        if (FindKnown(eventName) is { } known)
        {
            ThrowIfClosed();
            return new(known);
        }

        return AskAsync(eventName, cancellationToken);
    }

    /// <summary>Takes up what the servers say of an event.</summary>
    public EventStream Note(string eventName, StreamInfo info)
    {
        var fresh = new EventStream(eventName, info, _transport, this);
        while (true)
        {
            var known = _events.GetOrAdd(eventName, fresh);
            if (known == fresh || known.Epoch == fresh.Epoch)
            {
                // Not before: what comes into the table afterwards is perhaps too late for whoever closes all.
                ThrowIfClosed();
                return known;
            }

            // Unregistered and registered anew by somebody else.
            Remove(known);
            known.End(static () => BrokerErrors.SubscriptionEnded("the event was unregistered"));
        }
    }

    /// <summary>Ends everything that reads events here; what is held goes back.</summary>
    public async ValueTask CloseAsync()
    {
        _isClosed = true;
        foreach (var stream in _events.Values)
        {
            await stream.CloseAsync();
        }
    }

    public bool Remove(EventStream stream) => _events.TryRemove(KeyValuePair.Create(stream.EventName, stream));

    private async ValueTask<EventStream> AskAsync(string eventName, CancellationToken cancellationToken)
    {
        var settings = _transport.Settings;
        if (settings.Stream is not null && !settings.Events.Contains(eventName, StringComparer.Ordinal))
        {
            throw BrokerErrors.EventNotRegistered();
        }

        var stream = settings.Stream ?? StreamNames.ToStream(settings.StreamPrefix, eventName);
        var found = await _transport.Api.FindAsync((js, token) => js.GetStreamAsync(stream, cancellationToken: token), cancellationToken)
            ?? throw (settings.Stream is null ? BrokerErrors.EventNotRegistered() : NoStream(stream));
        EventStreamConfig.Check(found.Info.Config, eventName, _transport.Settings);
        return Note(eventName, found.Info);
    }

    private void ThrowIfClosed()
    {
        if (_isClosed)
        {
            throw BrokerErrors.TransportClosed();
        }
    }

    private BrokerException NoStream(string stream) => new(
        BrokerErrorCode.FailedPrecondition,
        $"the stream '{stream}' of transport '{_transport.Name}' (setting stream) is not there; make it, with the subjects of its events");
}
