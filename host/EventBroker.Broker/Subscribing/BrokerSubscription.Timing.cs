using EventBroker.Broker.Delivering;
using EventBroker.Broker.Settling;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Subscribing;

// What comes with time. One timer: after each change, and at the end of each call of its own, it is armed for the earliest of all times.
public sealed partial class BrokerSubscription
{
    private const int SilentRounds = 3;
    private const int CopiedAtOnce = 4 * 1024 * 1024;
    private static readonly TimeSpan LongestWatch = TimeSpan.FromDays(30);
    private static readonly TimeSpan CopyAfter = TimeSpan.FromSeconds(10);

    private readonly long _ackTimeout;
    private long _identityDue = long.MaxValue;
    private long _cutDue = long.MaxValue;
    private long _renewDue = long.MaxValue;
    private long _copyDue = long.MaxValue;
    private long _unsentSince;
    private long _lastRound;
    private int _silentRounds;
    private bool _isRenewing;
    private volatile bool _watchesUnsent;

    // A worker that lets deadline after deadline pass without a word is gone, whatever its connection says.
    private bool IsSilent => _silentRounds >= SilentRounds;

    // Under the lock.
    private void Rearm()
    {
        if (_setup.Route.Declared.RenewalInterval is { } interval && _renewDue == long.MaxValue && !_isRenewing
            && _table.Count + (_waiting?.Count ?? 0) + (_retries?.Count ?? 0) > 0)
        {
            _renewDue = _timer.After(interval);
        }

        if (_copyDue == long.MaxValue && _table.Count > 0 && !IsFireAndForget)
        {
            _copyDue = _timer.After(CopyAfter);
        }

        var due = Math.Min(Math.Min(_identityDue, _cutDue), Math.Min(_renewDue, _copyDue));
        due = Math.Min(due, _table.EarliestDeadline);
        due = Math.Min(due, _waiting?.NextDue ?? long.MaxValue);
        due = Math.Min(due, _retries?.NextDue ?? long.MaxValue);
        due = Math.Min(due, UnsentDue);
        _timer.Arm(due);
    }

    private void OnTimer()
    {
        SettlementBatch batch = default;
        Delivery[]? renewed = null;
        string? cut = null;
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            var now = _time.GetTimestamp();
            ExpireDeadlines(now, ref batch);
            PromoteWaiting(now, ref batch);
            while (_retries is not null && (_retries.Promote(now) > 0 || _retries.DueCount > 0) && _retries.TryTakeDue(out var retry))
            {
                batch.Add(retry);
            }

            if (_identityDue <= now)
            {
                WatchIdentity();
            }

            if (_copyDue <= now)
            {
                CopyOld();
            }

            if (_renewDue <= now)
            {
                renewed = CollectHeld();
            }

            cut = FindCut(now);
            Unblock();
            Rearm();
        }

        SettleInBackground(batch);
        if (renewed is not null)
        {
            _ = RenewAsync(renewed);
        }

        if (cut is not null)
        {
            Cut(cut);
        }
    }

    private void ExpireDeadlines(long now, ref SettlementBatch batch)
    {
        var any = false;
        while (_table.TryRemoveExpired(now, out var entry))
        {
            any = true;
            BrokerLog.AckDeadlinePassed(_logger, EventName, entry.Attempts);
            GiveBack(entry, SettlementReason.DeadlinePassed, null, ref batch);
        }

        // Only workers: others would wait for what nobody else gets.
        if (!any || _setup.Options.Mode != DeliveryMode.WorkerPool || (_lastRound != 0 && now - _lastRound < _ackTimeout))
        {
            return;
        }

        _lastRound = now;
        if (++_silentRounds == SilentRounds)
        {
            _metrics.MembersSilenced.Add(1);
            _isBlocked = true;
            BrokerLog.MemberSilent(_logger, EventName, WorkerGroup, _setup.Caller.RemoteAddress, SilentRounds);
        }
    }

    // Under the lock. Whoever settles or extends anything is there, even if what it names has expired.
    private void Speak() => _silentRounds = 0;

    private void PromoteWaiting(long now, ref SettlementBatch batch)
    {
        if (_waiting is null || (_waiting.Promote(now) == 0 && _waiting.DueCount == 0))
        {
            return;
        }

        if (!Policy.WaitingGoesToTransport)
        {
            SignalOrBlock();
            return;
        }

        while (_waiting.TryTakeDue(out var next))
        {
            _waitingBytes -= next.Delivery.Message.Length;
            batch.Add(Make(next.Delivery, SettlementAction.Release, next.Reason, next.Attempts, default));
        }
    }

    // Ends the subscription with its caller's identity, or says when to look again.
    private void WatchIdentity()
    {
        _identityDue = long.MaxValue;
        if (_setup.Caller.ExpiresAt is not { } end)
        {
            return;
        }

        var left = end - _time.GetUtcNow();
        if (left > TimeSpan.Zero)
        {
            _identityDue = _timer.After(left < LongestWatch ? left : LongestWatch);
            return;
        }

        End(new BrokerException(BrokerErrorCode.Unauthenticated, "the caller's identity has expired: authenticate again"));
    }

    // Messages lie in the transport's large buffers, each of which lives as long as one message in it is held. What is held for long gets
    // memory of its own, which the in-flight limit counts truly.
    private void CopyOld()
    {
        var copied = 0;
        foreach (var index in _table.Indexes())
        {
            ref var slot = ref _table[index];
            if (slot.IsCopied || slot.State == DeliveryState.Settling)
            {
                continue;
            }

            slot.Delivery = slot.Delivery with { Message = new EncodedMessage(slot.Delivery.Message.Bytes.ToArray()) };
            slot.IsCopied = true;
            copied += slot.Delivery.Message.Length;
            if (copied > CopiedAtOnce)
            {
                // The rest a moment later, so that nobody waits for the lock meanwhile.
                _copyDue = _timer.After(TimeSpan.FromMilliseconds(100));
                return;
            }
        }

        _copyDue = long.MaxValue;
    }

    private Delivery[]? CollectHeld()
    {
        _renewDue = long.MaxValue;
        var held = _table.Indexes().Select(i => _table[i].Delivery).ToList();
        held.AddRange(_waiting?.Enumerate().Select(static w => w.Delivery) ?? []);
        held.AddRange(_retries?.Enumerate().Select(static r => r.Delivery) ?? []);
        _isRenewing = held.Count > 0;
        return _isRenewing ? [.. held] : null;
    }

    private async Task RenewAsync(Delivery[] held)
    {
        try
        {
            await Source.RenewAsync(held, CancellationToken.None);
        }
#pragma warning disable CA1031 // Renewed again at the next interval; what is lost by then, the transport tells.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            BrokerLog.RenewalFailed(_logger, exception, _setup.Route.Name, EventName);
        }

        lock (_gate)
        {
            _isRenewing = false;
            Rearm();
        }
    }

    private long UnsentDue => Volatile.Read(ref _unsentSince) is var since && since != 0 ? since + _ackTimeout : long.MaxValue;

    // What is taken and lies in front of a connection that takes nothing must not lie there for ever.
    // Tells whether nothing lay there before.
    private bool WatchUnsent()
    {
        if (Volatile.Read(ref _unsentSince) != 0)
        {
            return false;
        }

        // A full fence, as in FindCut: either the timer sees this, or this sees that the timer does not watch.
        Interlocked.Exchange(ref _unsentSince, _time.GetTimestamp());
        if (!_watchesUnsent)
        {
            lock (_gate)
            {
                _watchesUnsent = true;
                Rearm();
            }
        }

        return true;
    }

    private string? FindCut(long now)
    {
        _watchesUnsent = Volatile.Read(ref _unsentSince) != 0;
        Interlocked.MemoryBarrier();
        if (UnsentDue <= now)
        {
            return "the ack timeout, in which it took nothing";
        }

        return _cutDue <= now ? "its end, which it did not take" : null;
    }

    private void Cut(string reason)
    {
        BrokerLog.StreamCut(_logger, EventName, _setup.Caller.RemoteAddress, reason);
        _metrics.StreamsCut.Add(1);
        End(BrokerErrors.SubscriptionEnded("the connection took nothing for too long"));
        ConnectionStuck?.Invoke();
        _ = DisposeAsync().AsTask();
    }
}
