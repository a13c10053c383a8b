using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using EventBroker.Sdk.Errors;

namespace EventBroker.Nats.Connections;

/// <summary>One subscription for the answers to any number of requests under way, so that none needs its own.</summary>
internal sealed class ReplyInbox : IAsyncDisposable
{
    private readonly NatsLink _link;
    private readonly ConcurrentDictionary<ulong, PendingReply> _pending = new();
    private readonly RawSubscription _subscription;
    private readonly ITimer _sweep;
    private readonly string _prefix;
    private ulong _last;

    public ReplyInbox(NatsLink link)
    {
        _link = link;
        _prefix = link.NewInbox() + '.';
        _subscription = new RawSubscription(link.Connection, _prefix + '*', queueGroup: null, OnReply);
        var period = TimeSpan.FromTicks(Math.Clamp(link.Settings.RequestTimeout.Ticks / 10, TimeSpan.TicksPerMillisecond * 50, TimeSpan.TicksPerSecond));
        _sweep = link.Time.CreateTimer(static inbox => ((ReplyInbox)inbox!).FailOverdue(), this, period, period);
        link.Lost += OnLost;
    }

    public int Count => _pending.Count;

    /// <summary>Begins to listen, as soon as there is a connection.</summary>
    public async ValueTask OpenAsync(CancellationToken cancellationToken) => await _link.Connection.AddSubAsync(_subscription, cancellationToken);

    /// <summary>Gets the subject for the answer to a request that is about to be sent.</summary>
    public string Expect(PendingReply reply, out ulong id)
    {
        id = Interlocked.Increment(ref _last);
        reply.SentAt = _link.Time.GetTimestamp();
        _pending[id] = reply;
        return string.Create(CultureInfo.InvariantCulture, $"{_prefix}{id}");
    }

    /// <summary>Expects no answer any more.</summary>
    public bool Forget(ulong id) => _pending.TryRemove(id, out _);

    public async ValueTask DisposeAsync()
    {
        _link.Lost -= OnLost;
        await _sweep.DisposeAsync();
        FailAll(BrokerErrors.TransportClosed());
        await _subscription.DisposeAsync();
    }

    private void OnReply(string subject, string? replyTo, ReadOnlySequence<byte> headers, ReadOnlySequence<byte> payload)
    {
        if (ulong.TryParse(subject.AsSpan(_prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && _pending.TryRemove(id, out var reply))
        {
            reply.Answer(headers, payload);
        }
    }

    // The answers went to the connection that is gone.
    private void OnLost(object? sender, EventArgs args) => FailAll(new BrokerException(BrokerErrorCode.Unavailable, "the connection to NATS was lost before it answered"));

    private void FailAll(BrokerException why)
    {
        foreach (var (id, _) in _pending)
        {
            if (_pending.TryRemove(id, out var reply))
            {
                reply.Fail(why);
            }
        }
    }

    private void FailOverdue()
    {
        if (_pending.IsEmpty)
        {
            return;
        }

        var now = _link.Time.GetTimestamp();
        foreach (var (id, reply) in _pending)
        {
            if (_link.Time.GetElapsedTime(reply.SentAt, now) >= _link.Settings.RequestTimeout && _pending.TryRemove(id, out _))
            {
                reply.Fail(new BrokerException(BrokerErrorCode.DeadlineExceeded, "NATS did not answer in time"));
            }
        }
    }
}
