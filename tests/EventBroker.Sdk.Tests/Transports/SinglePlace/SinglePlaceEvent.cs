using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Tests.Transports.SinglePlace;

/// <summary>The messages of an event, and who reads them. Used under the storage's lock.</summary>
internal sealed class SinglePlaceEvent(SinglePlaceIds? ids)
{
    private readonly List<EncodedMessage> _messages = [];
    private readonly Dictionary<(PlaceKind Kind, string Name), SinglePlaceReaders> _places = [];
    private readonly List<SinglePlaceReaders> _withoutPlace = [];

    public IReadOnlyList<EncodedMessage> Messages => _messages;

    public PublishReceipt Publish(EncodedMessage message)
    {
        var position = new Position(0, (ulong)_messages.Count + 1);
        if (ids?.Find(message.GetId(), position) is { } first)
        {
            return new PublishReceipt { Position = first, IsDuplicate = true };
        }

        _messages.Add(message);
        Signal();
        return new PublishReceipt { Position = position };
    }

    public SinglePlaceSubscription Subscribe(SinglePlaceTransport owner, SubscribeOptions options, ISubscriber subscriber)
    {
        var isWorker = options.Mode == DeliveryMode.WorkerPool;
        (PlaceKind, string)? key = isWorker ? (PlaceKind.WorkerGroup, options.WorkerGroup)
            : options.ConsumerId.Length > 0 ? (PlaceKind.ConsumerId, options.ConsumerId) : null;
        SinglePlaceReaders? readers = null;
        var exists = key is not null && _places.TryGetValue(key.Value, out readers);
        readers ??= new SinglePlaceReaders(
            this, key is not null, options, options.Start == StartPosition.Beginning ? 0 : _messages.Count);
        var isAsked = options.Start != StartPosition.Unspecified;
        var resume = key is null || (isWorker && !isAsked) ? ResumeOutcome.NotAsked
            : !exists ? ResumeOutcome.New
            : isAsked ? ResumeOutcome.Kept : ResumeOutcome.Exact;
        var subscription = new SinglePlaceSubscription(owner, readers, options, resume, subscriber);
        readers.Join(subscription, options);
        if (key is null)
        {
            _withoutPlace.Add(readers);
        }
        else
        {
            _places[key.Value] = readers;
        }

        return subscription;
    }

    public void Signal()
    {
        foreach (var readers in All())
        {
            readers.Signal();
        }
    }

    public SinglePlaceReaders? FindPlace(PlaceKind kind, string name) => _places.GetValueOrDefault((kind, name));

    public void Remove(SinglePlaceReaders readers) => _withoutPlace.Remove(readers);

    /// <summary>Ends the subscriptions of one transport, or of all of them.</summary>
    public void End(Func<BrokerException> why, SinglePlaceTransport? of)
    {
        foreach (var readers in All().ToList())
        {
            readers.End(why, of);
        }
    }

    /// <summary>Forgets whatever is not stored.</summary>
    public void Forget()
    {
        foreach (var place in _places.Values)
        {
            place.Forget();
        }
    }

    private IEnumerable<SinglePlaceReaders> All() => _places.Values.Concat(_withoutPlace);
}
