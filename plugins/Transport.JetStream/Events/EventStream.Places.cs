using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.JetStream.Names;
using EventBroker.Transport.JetStream.Places;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace EventBroker.Transport.JetStream.Events;

// Worker groups and consumer ids: opening, moving and describing their places.
#pragma warning disable CA1001 // The semaphore holds nothing to be disposed of: nobody asks for its wait handle.
internal sealed partial class EventStream
#pragma warning restore CA1001
{
    // One at a time on this host: two members of a new group must not both make it.
    private readonly SemaphoreSlim _opening = new(1, 1);

    public async Task<ITransportSubscription> OpenPlaceAsync(SubscribeOptions options, ISubscriber subscriber, CancellationToken cancellationToken)
    {
        var kind = options.Mode == DeliveryMode.WorkerPool ? PlaceKind.WorkerGroup : PlaceKind.ConsumerId;
        var name = kind == PlaceKind.WorkerGroup ? options.WorkerGroup : options.ConsumerId;
        if (kind == PlaceKind.WorkerGroup && options.ResumeAfter is not null)
        {
            throw BrokerErrors.OptionNotSupported(
                _transport.Name, "resume_after", "a worker group goes on where it stands; use delivery mode broadcast");
        }

        await _opening.WaitAsync(cancellationToken);
        try
        {
            var stream = await AskAsync(cancellationToken);
            var cursor = options.ResumeAfter is { } after ? FindCursor(after, "resume_after", stream.State) : default(StreamStart?);
            var (consumer, note, isNew) = await FindOrMakeAsync(kind, name, options, cursor?.Next, cancellationToken);
            note.Check(kind == PlaceKind.WorkerGroup ? options : new SubscribeOptions(), _transport.Name);
            if (kind == PlaceKind.ConsumerId || options.ConsumerId.Length > 0)
            {
                await _transport.Channel.TellTakeOverAsync(StreamName, consumer.Name, options.ConsumerId, cancellationToken);
            }

            return Join(kind, name, note, consumer, Outcome(), options, subscriber);

            ResumeOutcome Outcome()
            {
                var isAsked = options.ResumeAfter is not null || options.Start != StartPosition.Unspecified;
                if (isNew)
                {
                    return cursor?.Outcome ?? (isAsked || kind == PlaceKind.ConsumerId ? ResumeOutcome.New : ResumeOutcome.NotAsked);
                }

                return !isAsked && kind == PlaceKind.WorkerGroup ? ResumeOutcome.NotAsked
                    : StreamStart.Oldest(stream.State) > consumer.Delivered.StreamSeq + 1 ? ResumeOutcome.Lost
                    : isAsked ? ResumeOutcome.Kept : ResumeOutcome.Exact;
            }
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>Moves a place: its consumer is made anew there. Other hosts hear of that from the servers.</summary>
    public async Task SeekAsync(SeekRequest request, CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            var stream = await AskAsync(cancellationToken);
            ulong? next = null;
            if (request.After is { } after)
            {
                var cursor = FindCursor(after, "after", stream.State);
                if (cursor.Outcome == ResumeOutcome.Lost)
                {
                    throw BrokerErrors.OptionNotSupported(
                        _transport.Name, "after", "messages behind this cursor are lost; start at the beginning or at a time");
                }

                next = cursor.Next;
            }

            var name = ConsumerNames.ToConsumer(request.Kind, request.Name, IsShared ? EventName : null);
            var found = await FindConsumerAsync(name, cancellationToken);
            if (found is not null)
            {
                PlaceConsumer.Check(found.Config, _transport.Settings.AckWait, Filter, _transport.Name);
            }

            var note = PlaceNote.Parse(found?.Config.Description) ?? PlaceNote.Of(request.Kind, request.Name, options: null);
            var config = PlaceConsumer.Configure(name, note, _transport.Settings.AckWait, Filter);
            PlaceConsumer.Begin(config, request.Position, request.Time, next);
            if (found is not null)
            {
                await _transport.Api.FindAsync(
                    async (js, token) => (object)await js.DeleteConsumerAsync(StreamName, name, token), cancellationToken);
            }

            // Not given up halfway: without its consumer the place would be lost.
            var made = await _transport.Api.CallAsync((js, token) => js.CreateConsumerAsync(StreamName, config, token), CancellationToken.None);
            FindPlace(name)?.Moved(made.Info);
        }
        finally
        {
            _opening.Release();
        }
    }

    public async Task<EventDescription> DescribeAsync(CancellationToken cancellationToken)
    {
        var stream = await AskAsync(cancellationToken);
        var messages = IsShared ? await CountMessagesAsync(cancellationToken) : stream.State.Messages;
        var groups = await _transport.Api.CallAsync((js, token) => ListGroupsAsync(js, stream.State, token), cancellationToken);
        return new EventDescription
        {
            Options = EventStreamConfig.Read(stream.Config),
            Messages = messages,
            Bytes = IsShared ? null : stream.State.Bytes,
            Groups = groups,
        };
    }

    private async ValueTask<long> CountMessagesAsync(CancellationToken cancellationToken)
    {
        var asked = new StreamInfoRequest { SubjectsFilter = Subject };
        var stream = await _transport.Api.CallAsync((js, token) => js.GetStreamAsync(StreamName, asked, token), cancellationToken);
        return stream.Info.State.Subjects is { } subjects && subjects.TryGetValue(Subject, out var count) ? count : 0;
    }

    private async ValueTask<List<GroupDescription>> ListGroupsAsync(NatsJSContext js, StreamState state, CancellationToken cancellationToken)
    {
        var groups = new List<GroupDescription>();
        await foreach (var consumer in js.ListConsumersAsync(StreamName, cancellationToken))
        {
            var info = consumer.Info;
            if (ConsumerNames.KindOf(info.Name) is { } kind && (!IsShared || info.Config.FilterSubject == Filter))
            {
                groups.Add(new GroupDescription
                {
                    Kind = kind,
                    Name = PlaceNote.Parse(info.Config.Description)?.Name ?? info.Name[2..].Replace('=', '.'),
                    Members = FindPlace(info.Name)?.MemberCount ?? 0,
                    Lag = CountLag(info, state),
                    Unsettled = info.NumAckPending,
                });
            }
        }

        return groups;
    }

    // A consumer hears of what the stream took a moment later, and its own count is behind until then. It is needed where there are gaps.
    private long CountLag(ConsumerInfo consumer, StreamState state) => IsShared || state.NumDeleted > 0
        ? (long)consumer.NumPending
        : Math.Max(0, (long)state.LastSeq - Math.Max((long)consumer.Delivered.StreamSeq, (long)state.FirstSeq - 1));

    private async Task<(ConsumerInfo Consumer, PlaceNote Note, bool IsNew)> FindOrMakeAsync(
        PlaceKind kind, string name, SubscribeOptions options, ulong? next, CancellationToken cancellationToken)
    {
        var consumer = ConsumerNames.ToConsumer(kind, name, IsShared ? EventName : null);
        var found = await FindConsumerAsync(consumer, cancellationToken);
        var isNew = found is null;
        if (found is null)
        {
            var config = PlaceConsumer.Configure(consumer, PlaceNote.Of(kind, name, options), _transport.Settings.AckWait, Filter);
            PlaceConsumer.Begin(config, options.Start, options.StartTime, next);
            try
            {
                found = (await _transport.Api.CallAsync((js, token) => js.CreateConsumerAsync(StreamName, config, token), cancellationToken)).Info;
            }
            catch (BrokerException refusal) when (refusal.Code == BrokerErrorCode.FailedPrecondition)
            {
                // Another host may have made it a moment before, to begin elsewhere.
                found = await FindConsumerAsync(consumer, cancellationToken);
                if (found is null)
                {
                    throw;
                }

                isNew = false;
            }
        }

        PlaceConsumer.Check(found.Config, _transport.Settings.AckWait, Filter, _transport.Name);
        return (found, PlaceNote.Parse(found.Config.Description) ?? PlaceNote.Of(kind, name, options: null), isNew);
    }

    private async Task<ConsumerInfo?> FindConsumerAsync(string consumer, CancellationToken cancellationToken) =>
        (await _transport.Api.FindAsync((js, token) => js.GetConsumerAsync(StreamName, consumer, token), cancellationToken))?.Info;

    private PlaceMember Join(
        PlaceKind kind, string name, PlaceNote note, ConsumerInfo consumer, ResumeOutcome outcome, SubscribeOptions options, ISubscriber subscriber)
    {
        // Perhaps it was moved, and this is the first word of it.
        FindPlace(consumer.Name)?.Moved(consumer);
        Place place;
        PlaceMember member;
        IReadOnlyList<PlaceMember> before;
        lock (_gate)
        {
            ThrowIfGone();
            if (!_places.TryGetValue(consumer.Name, out place!))
            {
                place = _places[consumer.Name] = new Place(this, kind, name, consumer.Name, note, _transport);
                place.Begin(consumer);
            }

            var cursor = kind == PlaceKind.ConsumerId ? new Position(Epoch, consumer.AckFloor.StreamSeq).ToString() : null;
            member = new PlaceMember(place, options, subscriber, outcome, cursor);
            before = place.Join(member);
        }

        place.TakeOver(before);
        return member;
    }
}
