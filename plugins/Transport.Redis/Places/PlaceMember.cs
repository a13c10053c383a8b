using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Redis.Events;
using EventBroker.Transport.Redis.Messages;
using EventBroker.Transport.Redis.Subscriptions;

namespace EventBroker.Transport.Redis.Places;

/// <summary>A subscription that reads from a place: a member of a worker group, or the holder of a consumer id. In Redis it is a consumer of
/// its own, so that the server knows what it holds, and nobody else has to.</summary>
/// <remarks>What is read for it and its demand belong to its place and are used under the place's lock.</remarks>
internal sealed class PlaceMember : RedisSubscription
{
    private PlaceOpening _opening;
    private Place _place = null!;

    public PlaceMember(
        EventEntry owner, SubscribeOptions options, ISubscriber subscriber, PlaceKind kind, string group, string consumer)
        : base(owner, subscriber)
    {
        Options = options;
        Group = group;
        Consumer = consumer;
        HolderField = kind == PlaceKind.ConsumerId ? "holder" : options.ConsumerId.Length > 0 ? "name:" + options.ConsumerId : "";
        Node = new LinkedListNode<PlaceMember>(this);
        Settlements = new Settlements(owner.State.Time);
    }

    public override ResumeOutcome Resume => _opening.Resume;

    public override bool TracksSettlement => true;

    public override string? StartCursor => _opening.StartCursor;

    public SubscribeOptions Options { get; }

    public string Group { get; }

    /// <summary>Gets the name of its consumer.</summary>
    public string Consumer { get; }

    /// <summary>Gets the field of the place's hash that says who goes by its name; empty if it has none.</summary>
    public string HolderField { get; }

    // As ticks: an age may be shorter than a millisecond, and must come back as it was given.
    public long MaxAgeValue => Options.MaxAge?.Ticks ?? 0;

    /// <summary>Gets what it is settling.</summary>
    public Settlements Settlements { get; }

    /// <summary>Gets the member's node among those that demand.</summary>
    public LinkedListNode<PlaceMember> Node { get; }

    /// <summary>Gets what was fetched and not read.</summary>
    public Queue<(ReadEntry Entry, Lease Lease)> Buffer { get; } = new();

    /// <summary>Gets or sets when the call that has fetched the oldest of it was made.</summary>
    public long BufferedAt { get; set; }

    public int Demanded { get; set; }

    /// <summary>Gets or sets whether it gets nothing any more.</summary>
    public bool HasLeft { get; set; }

    /// <summary>Gets or sets the call that fetches for it.</summary>
    public Task Fetching { get; set; } = Task.CompletedTask;

    /// <summary>Gets or sets the call that gives back what was fetched for it and not read.</summary>
    public Task Returning { get; set; } = Task.CompletedTask;

    /// <summary>Sets where the member begins, and at which place. Called once, before anybody else sees it.</summary>
    public void Begin(PlaceOpening opening) => _opening = opening;

    public void BelongTo(Place place) => _place = place;

    public override int Read(Span<Delivery> destination, int maxBytes)
    {
        ThrowIfEnded();
        return _place.Take(this, destination, maxBytes);
    }

    public override void Demand(int count) => _place.Demand(this, count);

    public override ValueTask SettleAsync(Memory<TransportSettlement> settlements, CancellationToken cancellationToken) =>
        _place.SettleAsync(this, settlements, cancellationToken);

    public override ValueTask RenewAsync(ReadOnlyMemory<Delivery> held, CancellationToken cancellationToken) =>
        _place.RenewAsync(this, held, cancellationToken);

    /// <summary>Ends the member because another one goes on under its name.</summary>
    public void TakeOver()
    {
        TellLost(static _ => true);
        End(() => BrokerErrors.TakenOver(Options.ConsumerId));
    }

    protected override async ValueTask OnDisposedAsync()
    {
        await _place.LeaveAsync(this);
        Owner.Forget(_place);
    }
}
