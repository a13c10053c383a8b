using EventBroker.Sdk.Transports;
using EventBroker.Transport.Local.Places;
using EventBroker.Transport.Log.Storage;
using EventBroker.Transport.Log.Writing;
using EventBroker.Transport.Log.Writing.Operations;

namespace EventBroker.Transport.Log.Places;

/// <summary>Writes down what happens to a place.</summary>
/// <param name="place">The place; it may not be written yet, and then is before anything that is noted of it.</param>
/// <param name="record">Its event.</param>
/// <param name="log">The event's messages.</param>
/// <param name="files">The files.</param>
internal sealed class LogPlaceJournal(IPlaceHandle place, EventRecord record, DiskLog log, LogFiles files) : IPlaceJournal
{
    public void HandedOver(ReadOnlySpan<Delivery> deliveries, ulong from, ulong to, Lease lease)
    {
        if (deliveries.Length > 0)
        {
            files.HandedOver.HandedOver(place.Id, lease, deliveries);
        }

        // What lies between is settled without having been handed over.
        var next = from;
        foreach (ref readonly var delivery in deliveries)
        {
            var number = delivery.Position.Low;
            if (number < next)
            {
                continue;
            }

            if (number > next)
            {
                files.Writer.Enqueue(new PassOverOperation(place, next, number, lease));
            }

            next = number + 1;
        }

        if (next < to)
        {
            files.Writer.Enqueue(new PassOverOperation(place, next, to, lease));
        }
    }

    public void Returned(ulong sequence, int attempts, ReadOnlyMemory<byte> message, Lease lease) =>
        files.Writer.Enqueue(new ReturnOperation(place, sequence, attempts, message, lease));

    public Task<bool[]> SettleAsync(IReadOnlyList<TransportSettlement> settlements, Lease lease)
    {
        foreach (var settlement in settlements)
        {
            if (settlement.Action == SettlementAction.Release && settlement.Attempts != settlement.Delivery.RetryCount + 1)
            {
                files.HandedOver.ComesAgain(place.Id, lease, settlement.Delivery.Position.Low, settlement.Attempts);
            }
        }

        var operation = new SettleOperation(place, record, settlements, lease);
        files.Writer.Enqueue(operation);
        return operation.Task;
    }

    public Task<Lease> SeekAsync(ulong next)
    {
        var operation = new SeekOperation(place, next);
        files.Writer.Enqueue(operation);
        return operation.Task;
    }

    public Task SetOptionsAsync(GroupOptions options)
    {
        var operation = new SetOptionsOperation(place, options);
        files.Writer.Enqueue(operation);
        return operation.Task;
    }

    public void StillHeld(ulong sequence, int retryCount, Lease lease) =>
        files.HandedOver.ComesAgain(place.Id, lease, sequence, retryCount + 1);

    public ReadOnlyMemory<byte>? FindKept(ulong sequence)
    {
        if (files.Reader.FindKept(place.Id, sequence) is { } kept)
        {
            return kept;
        }

        // It may be hidden already and not removed yet.
        return log.FindStored(sequence);
    }

    public void Forget() => files.Writer.Enqueue(new ForgetPlaceOperation(place));
}
