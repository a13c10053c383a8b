using EventBroker.Nats.Delivering;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.JetStream.Pulling;
using NATS.Client.Core;

namespace EventBroker.Transport.JetStream.Places;

// How much is asked for, and what comes.
internal sealed partial class Place
{
    // Whom a message that was given back is to pass over when it comes again.
    private readonly Dictionary<ulong, (Reader Member, long Since)> _avoided = [];
    private PullInbox? _inbox;

    // Ends when all pulls that were detached are retired, whoever does that: until then what the server has sent still comes.
    private Task _retiring = Task.CompletedTask;
    private bool _isPulling;
    private bool _isChecking;

    void IPullSink.OnMessage(PullInbox from, in PulledMessage message)
    {
        Action? wake = null;
        HeldMessage? lost = null;
        lock (_gate)
        {
            // Also when the place has ended: whoever leaves it gives this back.
            var held = new HeldMessage(message, _generation, _transport.Link.Time.GetTimestamp());
            if (CameBefore(held))
            {
                return;
            }

            if (_held.TryGetValue(held.Sequence, out var before))
            {
                if (before.Settling is not null)
                {
                    // The servers did not know of the settlement yet. Should it fail, they deliver again.
                    return;
                }

                lost = before.Holder is null ? null : before;
                held.Avoided = before.Holder;
                Drop(before);
            }

            if (_avoided.Remove(held.Sequence, out var avoided))
            {
                held.Avoided = avoided.Member;
            }

            Count(held);
            _held[held.Sequence] = held;
            _handOut.Add(held);
            wake = _handOut.PlanWakeUps();
            Rearm();
        }

        if (lost is not null)
        {
            TellLost(lost.Holder!, d => d.Handle == lost);
        }

        wake?.Invoke();
    }

    // Under the lock. A server of 2.9 that comes to deliver something again and finds only pulls that nobody listens to any more steps back in
    // the stream instead: what it handed out last comes once more, as if it were new, even if it was settled meanwhile. What comes new to a
    // host is never older than what came before, so it is recognized here, unless it was another host that had it.
    private bool CameBefore(HeldMessage copy)
    {
        var (sequence, isNew) = (copy.Sequence, copy.Deliveries == 1);
        if (!isNew || sequence > _highestSequence)
        {
            _highestSequence = Math.Max(_highestSequence, sequence);
            return false;
        }

        if (_held.TryGetValue(sequence, out var held) && copy.Pulled.Info.IsCopyOf(held.Pulled.Info))
        {
            held.CameAgain = true;
            return true;
        }

        if (!_ended.TryFind(copy.Pulled.Info, out var deliveries, out var isSettled))
        {
            return false;
        }

        if (isSettled)
        {
            _ = SendAllAsync([copy], Ack).AsTask();
            return true;
        }

        // It was given back, and comes without its count.
        copy.Deliveries = deliveries + 1;
        return false;
    }

    void IPullSink.OnPullsEnded(PullInbox from, int code, string text)
    {
        if (code == 0)
        {
            // It has only expired.
            lock (_gate)
            {
                PlanPull();
            }

            return;
        }

        lock (_gate)
        {
            if (from != _inbox)
            {
                return;
            }

            DetachPulls();
        }

        _ = RetireAsync(from).AsTask();
        Check();
    }

    /// <summary>The connection was lost and is back, or the consumer has another leader: pulls are gone.</summary>
    public void PullAnew()
    {
        PullInbox? old;
        lock (_gate)
        {
            old = DetachPulls();
            PlanPull();
        }

        if (old is not null)
        {
            _ = RetireAsync(old).AsTask();
        }
    }

    // Under the lock: what retention took is a gap in the stream where there is none in what the consumer has handed out. Another host
    // makes gaps in both, and then nothing is known.
    private void Count(HeldMessage held)
    {
        var info = held.Pulled.Info;
        if (held.Deliveries == 1 && info.StreamSequence > _lastSequence)
        {
            if (info.ConsumerSequence == _lastConsumerSequence + 1 && !Event.IsShared)
            {
                held.Missed = (long)(info.StreamSequence - _lastSequence - 1);
                _transport.Metrics.Missed(held.Missed);
            }

            _lastSequence = info.StreamSequence;
        }

        _lastConsumerSequence = Math.Max(_lastConsumerSequence, info.ConsumerSequence);
    }

    // Under the lock.
    private void PlanPull()
    {
        if (_isPulling || _isChecking || _isGone || Wanted() <= 0)
        {
            return;
        }

        _isPulling = true;
        _ = PullAsync();
    }

    // Under the lock.
    private int Wanted() => _handOut.Demanded - _handOut.UnreadCount - (_inbox?.Outstanding ?? 0);

    private async Task PullAsync()
    {
        try
        {
            while (true)
            {
                PullInbox inbox;
                int count;
                var isNew = false;
                lock (_gate)
                {
                    count = Wanted();
                    if (count <= 0 || _isGone)
                    {
                        _isPulling = false;
                        Rearm();
                        return;
                    }

                    isNew = _inbox is null;
                    inbox = _inbox ??= new PullInbox(_transport.Link, _transport.Api.Prefix, Event.StreamName, Consumer, this);
                }

                if (isNew)
                {
                    await inbox.OpenAsync(_transport.Link.Closing);
                }

                await inbox.PullAsync(count, _transport.Link.Closing);
            }
        }
        catch (Exception exception) when (exception is NatsException or OperationCanceledException or ObjectDisposedException or BrokerException)
        {
            // Without a connection: its return begins anew.
            lock (_gate)
            {
                _isPulling = false;
                _inbox = null;
                Rearm();
            }
        }
    }

    // Under the lock. Whoever gets it retires it.
    private PullInbox? DetachPulls()
    {
        var inbox = _inbox;
        _inbox = null;
        if (inbox is not null)
        {
            _retiring = _retiring.IsCompleted ? inbox.Retired : Task.WhenAll(_retiring, inbox.Retired);
        }

        return inbox;
    }

    private void RetireIdlePulls()
    {
        PullInbox? idle = null;
        lock (_gate)
        {
            if (!_handOut.AnyWaits && !_isPulling)
            {
                idle = DetachPulls();
            }
        }

        if (idle is not null)
        {
            _ = RetireAsync(idle).AsTask();
        }
    }

    /// <summary>Ends pulls; what is given back goes to the servers afterwards.</summary>
    /// <remarks>Asked for the consumer, a server looks who still listens. It is asked in the same breath, so that there is hardly a time in
    /// which it comes to deliver something again and finds only pulls that nobody listens to (see <see cref="CameBefore"/>).</remarks>
    private async ValueTask RetireAsync(PullInbox inbox)
    {
        var retiring = inbox.RetireAsync().AsTask();
        if (inbox.Outstanding > 0 && _transport.Link.IsOpen)
        {
            try
            {
                var reply = new AckReply();
                await _transport.Link.Connection.PublishAsync(
                    $"{_transport.Api.Prefix}.CONSUMER.INFO.{Event.StreamName}.{Consumer}",
                    ReadOnlyMemory<byte>.Empty,
                    replyTo: _transport.Replies.Expect(reply, out _),
                    serializer: NatsRawSerializer<ReadOnlyMemory<byte>>.Default);
                await reply.Result;
            }
            catch (Exception exception) when (exception is NatsException or OperationCanceledException or ObjectDisposedException)
            {
                // They look by themselves, too, after a while.
            }
        }

        await retiring;
    }

    /// <summary>Looks whether the consumer is still there, and goes on, from its new place if it was moved.</summary>
    public void Check()
    {
        lock (_gate)
        {
            if (_isChecking || _isGone)
            {
                return;
            }

            _isChecking = true;
        }

        _ = CheckAsync();
    }

    private async Task CheckAsync()
    {
        // Whoever moves the place removes the consumer and makes it anew.
        TimeSpan[] pauses = [TimeSpan.Zero, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(400), TimeSpan.FromSeconds(1.5)];
        var isGone = false;
        try
        {
            for (var i = 0; i < pauses.Length; i++)
            {
                await Task.Delay(pauses[i], _transport.Link.Time, _transport.Link.Closing);
                var found = await _transport.Api.FindAsync(
                    (js, token) => js.GetConsumerAsync(Event.StreamName, Consumer, token), _transport.Link.Closing);
                if (found is not null)
                {
                    Moved(found.Info);
                    break;
                }

                if (await Event.IsGoneAsync(_transport.Link.Closing))
                {
                    break;
                }

                isGone = i == pauses.Length - 1;
            }
        }
        catch (Exception exception) when (exception is BrokerException or OperationCanceledException)
        {
            // Out of reach: the timer looks again.
        }

        lock (_gate)
        {
            _isChecking = false;
        }

        if (isGone)
        {
            JetStreamLog.ConsumerRemoved(_transport.Logger, Consumer, Event.StreamName);
            Event.PlaceRemoved(this);
            return;
        }

        lock (_gate)
        {
            PlanPull();
            Rearm();
        }
    }
}
