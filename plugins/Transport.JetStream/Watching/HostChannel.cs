using System.Buffers;
using System.Text;
using EventBroker.Nats.Connections;
using EventBroker.Transport.JetStream.Events;
using EventBroker.Transport.JetStream.Places;
using NATS.Client.Core;

namespace EventBroker.Transport.JetStream.Watching;

/// <summary>What hosts over the same streams tell each other, and what the servers tell of streams and consumers: that a consumer id is
/// taken over, that an event or a consumer was removed, that a consumer has another leader.</summary>
/// <remarks>It makes things faster and is not relied on: who does not hear learns from its next pull.</remarks>
internal sealed class HostChannel : IAsyncDisposable
{
    private const string Advisory = "$JS.EVENT.ADVISORY.";
    private const string StreamDeleted = Advisory + "STREAM.DELETED.";
    private const string ConsumerDeleted = Advisory + "CONSUMER.DELETED.";
    private const string LeaderElected = Advisory + "CONSUMER.LEADER_ELECTED.";

    private readonly string _host = Guid.NewGuid().ToString("n");
    private readonly string _subject;
    private readonly NatsLink _link;
    private readonly EventTable _events;
    private readonly RawSubscription[] _subscriptions;

    public HostChannel(NatsLink link, string subjectPrefix, EventTable events)
    {
        _link = link;
        _events = events;

        // No event's subject begins like this.
        _subject = $"_{subjectPrefix}.takeover";
        _subscriptions =
        [
            new RawSubscription(link.Connection, _subject, queueGroup: null, OnTakeOver),
            new RawSubscription(link.Connection, StreamDeleted + '*', queueGroup: null, OnAdvisory),
            new RawSubscription(link.Connection, ConsumerDeleted + "*.*", queueGroup: null, OnAdvisory),
            new RawSubscription(link.Connection, LeaderElected + "*.*", queueGroup: null, OnAdvisory),
        ];
    }

    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        foreach (var subscription in _subscriptions)
        {
            await _link.Connection.AddSubAsync(subscription, cancellationToken);
        }
    }

    /// <summary>Tells the other hosts that a consumer id, or a member's name within its group, is held here from now on.</summary>
    public async ValueTask TellTakeOverAsync(string stream, string consumer, string member, CancellationToken cancellationToken) =>
        await _link.Connection.PublishAsync<ReadOnlyMemory<byte>>(
            _subject,
            Encoding.UTF8.GetBytes(string.Join('\n', _host, stream, consumer, member)),
            serializer: NatsRawSerializer<ReadOnlyMemory<byte>>.Default,
            cancellationToken: cancellationToken);

    public async ValueTask DisposeAsync()
    {
        foreach (var subscription in _subscriptions)
        {
            await subscription.DisposeAsync();
        }
    }

    private Place? FindPlace(string stream, string consumer) =>
        _events.FindByStream(stream).Select(e => e.FindPlace(consumer)).FirstOrDefault(static p => p is not null);

    private void OnTakeOver(string subject, string? replyTo, ReadOnlySequence<byte> headers, ReadOnlySequence<byte> payload)
    {
        if (Encoding.UTF8.GetString(payload).Split('\n') is [var host, var stream, var consumer, var member] && host != _host)
        {
            FindPlace(stream, consumer)?.TakeOver(member);
        }
    }

    private void OnAdvisory(string subject, string? replyTo, ReadOnlySequence<byte> headers, ReadOnlySequence<byte> payload)
    {
        var tokens = subject.Split('.');
        if (subject.StartsWith(StreamDeleted, StringComparison.Ordinal))
        {
            foreach (var stream in _events.FindByStream(tokens[^1]))
            {
                stream.Check();
            }
        }
        else if (FindPlace(tokens[^2], tokens[^1]) is { } place)
        {
            if (subject.StartsWith(LeaderElected, StringComparison.Ordinal))
            {
                place.PullAnew();
            }
            else
            {
                place.Check();
            }
        }
    }
}
