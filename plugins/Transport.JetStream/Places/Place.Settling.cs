using System.Globalization;
using System.Text;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using NATS.Client.Core;

namespace EventBroker.Transport.JetStream.Places;

// What becomes of deliveries. Each call sends all its acks before it waits for the first answer.
internal sealed partial class Place
{
    private static readonly ReadOnlyMemory<byte> Ack = "+ACK"u8.ToArray();
    private static readonly ReadOnlyMemory<byte> Nak = "-NAK"u8.ToArray();
    private static readonly ReadOnlyMemory<byte> Term = "+TERM"u8.ToArray();
    private static readonly ReadOnlyMemory<byte> InProgress = "+WPI"u8.ToArray();

    public async ValueTask SettleAsync(PlaceMember member, Memory<TransportSettlement> settlements, CancellationToken cancellationToken)
    {
        var waits = new (Task<SettlementOutcome> Answer, bool IsOwn)[settlements.Length];
        for (var i = 0; i < waits.Length; i++)
        {
            waits[i] = Begin(member, settlements.Span[i]);
        }

        for (var i = 0; i < waits.Length; i++)
        {
            var (answer, isOwn) = waits[i];
            var outcome = await answer.WaitAsync(cancellationToken);

            // Done by another call is no more this one's to do.
            settlements.Span[i].Outcome = isOwn || outcome == SettlementOutcome.Failed ? outcome : SettlementOutcome.LeaseLost;
            if (outcome == SettlementOutcome.Failed)
            {
                settlements.Span[i].Failure = new BrokerException(BrokerErrorCode.Unavailable, "NATS has not answered whether it took the settlement");
            }
        }
    }

    public async ValueTask RenewAsync(PlaceMember member, ReadOnlyMemory<Delivery> held, CancellationToken cancellationToken)
    {
        List<HeldMessage> expired;
        List<HeldMessage> renewed = [];
        var now = _transport.Link.Time.GetTimestamp();
        lock (_gate)
        {
            expired = TakeExpired();
            foreach (ref readonly var delivery in held.Span)
            {
                if (delivery.Handle is HeldMessage { IsOver: false, Settling: null } message)
                {
                    renewed.Add(message);
                }
            }
        }

        if (expired.Count > 0)
        {
            TellLost(member, static d => d.Handle is HeldMessage { IsOver: true });
        }

        if (renewed.Count == 0)
        {
            return;
        }

        await _transport.Link.EnsureOpenAsync(cancellationToken);

        // One after the other over one connection: when the last is answered, all are taken.
        for (var i = 0; i < renewed.Count - 1; i++)
        {
            await SendAsync(renewed[i], InProgress, reply: null);
        }

        var reply = new AckReply();
        var subject = _transport.Replies.Expect(reply, out var id);
        await SendAsync(renewed[^1], InProgress, subject);
        try
        {
            if (await reply.Result.WaitAsync(cancellationToken) is { } failure)
            {
                if (reply.IsUnclaimed)
                {
                    Check();
                }

                throw failure;
            }
        }
        finally
        {
            _transport.Replies.Forget(id);
        }

        lock (_gate)
        {
            renewed.ForEach(m => m.LeasedAt = now);
        }
    }

    private (Task<SettlementOutcome> Answer, bool IsOwn) Begin(PlaceMember member, in TransportSettlement settlement)
    {
        var message = (HeldMessage)settlement.Delivery.Handle!;
        TaskCompletionSource<SettlementOutcome> done;
        lock (_gate)
        {
            if (message.Settling is { } under)
            {
                return (under, false);
            }

            if (message.IsOver || message.Generation != _generation || _isGone)
            {
                return (Task.FromResult(SettlementOutcome.LeaseLost), true);
            }

            if (IsExpired(message, _transport.Link.Time.GetTimestamp()))
            {
                // Perhaps it is another host's by now: an ack would settle it there, too.
                Drop(message);
                return (Task.FromResult(SettlementOutcome.LeaseLost), true);
            }

            done = new TaskCompletionSource<SettlementOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
            message.Settling = done.Task;
            if (settlement is { Action: SettlementAction.Release, Reason: SettlementReason.DeadlinePassed })
            {
                _avoided[message.Sequence] = (member, _transport.Link.Time.GetTimestamp());
            }

            // What is given back may be here again before the answer is.
            if (settlement.Action == SettlementAction.Release)
            {
                _held.Remove(message.Sequence);
                _ended.Add(message, isSettled: false);
            }
        }

        _ = SettleAsync(message, settlement.Action, PayloadOf(settlement), done);
        return (done.Task, true);
    }

    private async Task SettleAsync(HeldMessage message, SettlementAction action, ReadOnlyMemory<byte> payload, TaskCompletionSource<SettlementOutcome> done)
    {
        var outcome = SettlementOutcome.Failed;
        try
        {
            await _transport.Link.EnsureOpenAsync(CancellationToken.None);
            var reply = new AckReply();
            var subject = _transport.Replies.Expect(reply, out _);
            await SendAsync(message, payload, subject);
            outcome = await reply.Result is null ? SettlementOutcome.Done
                : reply.IsUnclaimed && await IsGoneAsync() ? SettlementOutcome.LeaseLost
                : SettlementOutcome.Failed;
        }
        catch (Exception exception) when (exception is BrokerException or NatsException or OperationCanceledException or ObjectDisposedException)
        {
            // Not known: failed.
        }

        var cameAgain = false;
        lock (_gate)
        {
            message.Settling = null;
            if (outcome != SettlementOutcome.Failed)
            {
                if (action == SettlementAction.Complete && outcome == SettlementOutcome.Done)
                {
                    _ended.Add(message, isSettled: true);
                    cameAgain = message.CameAgain;
                }

                Drop(message);
            }
            else if (action == SettlementAction.Release && !_held.TryAdd(message.Sequence, message))
            {
                // It was given back after all, and is here again.
                Drop(message);
            }
        }

        done.SetResult(outcome);
        if (cameAgain)
        {
            await SendAllAsync([message], Ack);
        }
    }

    private async ValueTask<bool> IsGoneAsync()
    {
        var found = await _transport.Api.FindAsync(
            (js, token) => js.GetConsumerAsync(Event.StreamName, Consumer, token), _transport.Link.Closing);
        return found is null || found.Info.Created != _created;
    }

    // Without waiting for an answer: what the servers do not hear of comes again, sooner or later.
    private async ValueTask SendAllAsync(List<HeldMessage> messages, ReadOnlyMemory<byte> payload)
    {
        if (messages.Count == 0 || !_transport.Link.IsOpen)
        {
            return;
        }

        try
        {
            // In their order, since they come again in the order in which they were given back.
            foreach (var message in messages.OrderBy(static m => m.Sequence))
            {
                await SendAsync(message, payload, reply: null);
            }

            await _transport.Link.FlushAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is NatsException or OperationCanceledException or ObjectDisposedException)
        {
            // They come again when their time is up.
        }
    }

    private ValueTask SendAsync(HeldMessage message, ReadOnlyMemory<byte> payload, string? reply) =>
        _transport.Link.Connection.PublishAsync(
            message.Pulled.AckSubject, payload, replyTo: reply, serializer: NatsRawSerializer<ReadOnlyMemory<byte>>.Default);

    private static ReadOnlyMemory<byte> PayloadOf(in TransportSettlement settlement) => settlement switch
    {
        { Action: SettlementAction.Complete, Reason: SettlementReason.DeadLettered } => Term,
        { Action: SettlementAction.Complete } => Ack,
        { Delay.Ticks: <= 0 } => Nak,
        _ => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""-NAK {"delay":{{settlement.Delay.Ticks * 100}}}""")),
    };
}
