using EventBroker.Sdk.Interception;

namespace EventBroker.Client.Testing;

/// <summary>Keeps what was settled and tells whoever waits for it.</summary>
internal sealed class SettlementRecorder : IInterceptor
{
    private readonly Lock _lock = new();
    private readonly List<TestSettlement> _all = [];
    private readonly List<Waiter> _waiters = [];

    public InterceptionStages Stages => InterceptionStages.Settle;

    public IReadOnlyList<TestSettlement> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _all];
            }
        }
    }

    public async ValueTask SettleAsync(SettleContext context, SettleNext next)
    {
        await next(context).ConfigureAwait(false);
        Record(new TestSettlement
        {
            EventName = context.EventName,
            MessageId = context.Message.GetId(),
            Kind = context.Settlement switch
            {
                Settlement.Ack => TestSettlementKind.Acked,
                Settlement.Nack => TestSettlementKind.Nacked,
                _ => TestSettlementKind.Extended,
            },
            Reason = context.Error,
            RetryCount = context.RetryCount,
        });
    }

    public Task<TestSettlement> WaitAsync(string messageId, TestSettlementKind kind, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_all.Find(s => s.MessageId == messageId && s.Kind == kind) is { } known)
            {
                return Task.FromResult(known);
            }

            var waiter = new Waiter(messageId, kind);
            _waiters.Add(waiter);
            return waiter.Task.WaitAsync(cancellationToken);
        }
    }

    private void Record(TestSettlement settlement)
    {
        lock (_lock)
        {
            _all.Add(settlement);
            for (var i = _waiters.Count - 1; i >= 0; i--)
            {
                if (_waiters[i].MessageId == settlement.MessageId && _waiters[i].Kind == settlement.Kind)
                {
                    _waiters[i].SetResult(settlement);
                    _waiters.RemoveAt(i);
                }
            }
        }
    }

    private sealed class Waiter(string messageId, TestSettlementKind kind)
        : TaskCompletionSource<TestSettlement>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public string MessageId => messageId;

        public TestSettlementKind Kind => kind;
    }
}
