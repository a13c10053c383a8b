using EventBroker.Sdk.Transports;
using EventBroker.Transport.Local.Events;
using EventBroker.Transport.Local.Subscriptions;

namespace EventBroker.Transport.Local.Places;

/// <summary>A subscription that reads from a place: a member of a worker group, or the holder of a consumer id.</summary>
/// <remarks>What it knows of messages belongs to its place and is used under the place's lock.</remarks>
internal sealed class PlaceMember : LocalSubscription
{
    private static long _lastNumber;

    private readonly Place _place;
    private ResumeOutcome _resume;
    private string? _startCursor;

    public PlaceMember(LocalEvent owner, SubscribeOptions options, ISubscriber subscriber, Place place)
        : base(owner, options, subscriber)
    {
        _place = place;
        ConsumerId = options.ConsumerId;
        LatestOnly = options.LatestOnly;
        Node = new LinkedListNode<PlaceMember>(this);
    }

    public override ResumeOutcome Resume => _resume;

    public override bool TracksSettlement => true;

    public override string? StartCursor => _startCursor;

    public string ConsumerId { get; }

    public bool LatestOnly { get; }

    /// <summary>Gets what tells the member from all others, without keeping it alive.</summary>
    public long Number { get; } = Interlocked.Increment(ref _lastNumber);

    /// <summary>Gets the member's node in the list of those that demand, or of those that are on their way.</summary>
    public LinkedListNode<PlaceMember> Node { get; }

    /// <summary>Gets the messages that were read and are not settled, by their sequence number.</summary>
    public Dictionary<ulong, Held> Held { get; } = [];

    /// <summary>Gets or sets how many messages the member has demanded.</summary>
    public int Demanded { get; set; }

    /// <summary>Gets or sets when a member that was woken is late.</summary>
    public long LateAt { get; set; }

    /// <summary>Gets or sets whether the member gets nothing any more.</summary>
    public bool HasLeft { get; set; }

    /// <summary>Sets where the member begins. Called once, before anybody else sees it.</summary>
    public void Begin(ResumeOutcome resume, string? startCursor)
    {
        _resume = resume;
        _startCursor = startCursor;
    }

    public override int Read(Span<Delivery> destination, int maxBytes)
    {
        ThrowIfEnded();
        var now = Owner.Log.NowTicks;
        var count = _place.Claim(this, destination, maxBytes, now, GetAgeLimit(now));
        if (count == 0)
        {
            // It may have been taken over in between.
            ThrowIfEnded();
        }

        return count;
    }

    public override void Demand(int count)
    {
        if (!_place.Demand(this, count) && HasEnded)
        {
            Signal();
        }
    }

    public override ValueTask SettleAsync(Memory<TransportSettlement> settlements, CancellationToken cancellationToken) =>
        _place.SettleAsync(this, settlements, cancellationToken);

    /// <summary>Ends the member because another one goes on under its consumer id.</summary>
    public void TakeOver()
    {
        TellLost(static _ => true);
        End(() => Sdk.Errors.BrokerErrors.TakenOver(ConsumerId));
    }

    protected override void OnDisposed() => Owner.Leave(this, _place);
}
