using EventBroker.Protos.Event.V1;
using Google.Protobuf.WellKnownTypes;

namespace EventBroker.Client.Settling;

/// <summary>One settlement on its way, and its result for whoever waits.</summary>
internal sealed class SettlementRequest(Delivery delivery, SettlementKind kind)
    : TaskCompletionSource<SettleResult>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public Delivery Delivery => delivery;

    public SettlementKind Kind => kind;

    public string Reason { get; init; } = "";

    /// <summary>Gets how long a nacked message waits, null for what the broker decides; or for how long a lease is extended.</summary>
    public TimeSpan? Time { get; init; }

    /// <summary>Gets when it was asked for, by the transport's clock.</summary>
    public long MadeAt { get; init; }

    /// <summary>Gets or sets whether the same was asked for before, and nobody knows what became of it.</summary>
    public bool IsRepeat { get; set; }

    /// <summary>Gets whether it has come to nothing, so that another may be made.</summary>
    public bool IsUndone { get; private set; }

    public Task<SettleResult> WaitAsync(CancellationToken cancellationToken)
    {
        if (!cancellationToken.CanBeCanceled)
        {
            return Task;
        }

        // Another task, which a program that awaits no result does not look at either.
        var wait = Task.WaitAsync(cancellationToken);
        _ = wait.ContinueWith(
            static failed => failed.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return wait;
    }

    public AckEntry ToEntry()
    {
        var entry = new AckEntry { AckId = delivery.AckId, Error = Reason, Repeat = IsRepeat };
        if (Time is not { } time)
        {
            return entry;
        }

        if (kind == SettlementKind.Extend)
        {
            entry.Extend = Duration.FromTimeSpan(time);
        }
        else
        {
            entry.NackDelay = Duration.FromTimeSpan(time);
        }

        return entry;
    }

    public void Answer(SettleResult result)
    {
        IsUndone = result is SettleResult.Denied or SettleResult.Invalid or SettleResult.Failed;
        TrySetResult(result);
    }

    public void Fail(EventBrokerException exception)
    {
        IsUndone = true;
        TrySetException(exception);

        // Seen, so that a program that awaits no result does not hear of it as an unobserved exception.
        _ = Task.Exception;
    }
}
