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

    public TimeSpan Time { get; init; }

    public Task<SettleResult> WaitAsync(CancellationToken cancellationToken) =>
        cancellationToken.CanBeCanceled ? Task.WaitAsync(cancellationToken) : Task;

    public AckEntry ToEntry()
    {
        var entry = new AckEntry { AckId = delivery.AckId, Error = Reason };
        if (kind == SettlementKind.Extend)
        {
            entry.Extend = Duration.FromTimeSpan(Time);
        }
        else if (Time > TimeSpan.Zero)
        {
            entry.NackDelay = Duration.FromTimeSpan(Time);
        }

        return entry;
    }

    public void Fail(EventBrokerException exception)
    {
        TrySetException(exception);

        // Seen, so that a program that awaits no result does not hear of it as an unobserved exception.
        _ = Task.Exception;
    }
}
