using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.JetStream.Broadcast;
using NATS.Client.JetStream.Models;

namespace EventBroker.Transport.JetStream.Events;

// Broadcast: one reader of the stream's end, shared by all subscriptions of this host; who lies behind reads for itself.
#pragma warning disable CA1001 // The semaphore holds nothing to be disposed of: nobody asks for its wait handle.
internal sealed partial class EventStream
#pragma warning restore CA1001
{
    private Tail? _tail;

    public async Task<ITransportSubscription> OpenBroadcastAsync(SubscribeOptions options, ISubscriber subscriber, CancellationToken cancellationToken)
    {
        var stream = await AskAsync(cancellationToken);
        var start = options.ResumeAfter is { } after
            ? FindCursor(after, "resume_after", stream.State)
            : new StreamStart(await FindStartAsync(options, stream.State, cancellationToken), ResumeOutcome.NotAsked);
        BroadcastSubscription subscription;
        Tail tail;
        var isNew = false;
        lock (_gate)
        {
            ThrowIfGone();
            isNew = _tail is null;
            tail = _tail ??= new Tail(this, stream.State.LastSeq + 1, _transport);
            subscription = new BroadcastSubscription(this, tail, options, subscriber, start, _transport);
            _broadcasts.Add(subscription);
        }

        if (isNew)
        {
            tail.Begin();
        }

        return subscription;
    }

    private async ValueTask<ulong> FindStartAsync(SubscribeOptions options, StreamState state, CancellationToken cancellationToken)
    {
        switch (options.Start)
        {
            case StartPosition.Beginning:
                return StreamStart.Oldest(state);
            case StartPosition.Timestamp:
                var time = options.StartTime ?? throw new BrokerException(
                    BrokerErrorCode.InvalidArgument, "start_time is required with start_from=timestamp");
                return await OrderedReader.FindAsync(this, time, _transport, cancellationToken);
            default:
                return state.LastSeq + 1;
        }
    }

    private StreamStart FindCursor(string text, string option, StreamState state)
    {
        if (!Position.TryParse(text, out var position))
        {
            throw new BrokerException(BrokerErrorCode.InvalidArgument, option + " is not a cursor of this event");
        }

        if (position.High != Epoch)
        {
            // Made before the event was registered anew, or of another event: nobody knows how much is lost.
            return new StreamStart(StreamStart.Oldest(state), ResumeOutcome.Lost);
        }

        if (position.Low > state.LastSeq)
        {
            throw new BrokerException(BrokerErrorCode.InvalidArgument, option + " is a cursor beyond the end of the event");
        }

        var next = position.Low + 1;
        return new StreamStart(next, next < StreamStart.Oldest(state) ? ResumeOutcome.Lost : ResumeOutcome.Exact);
    }
}
