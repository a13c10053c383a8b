namespace EventBroker.Client;

/// <summary>What a subscriber asks for. Copied when the subscription is opened. An option that the broker's transport can't honour
/// is refused with FAILED_PRECONDITION, never ignored.</summary>
public sealed class SubscribeOptions
{
    /// <summary>Gets or sets the worker group, whose subscriptions share the messages. Default null: no group, every message comes here
    /// (broadcast). Empty: the broker's default group.</summary>
    public string? WorkerGroup { get; set; }

    /// <summary>Gets or sets where to begin. A worker group or consumer id that exists already goes on where it stopped. After a reconnect
    /// the subscription goes on behind what was settled, not here.</summary>
    public SubscriptionStart Start { get; set; }

    /// <summary>Gets or sets the time for <see cref="SubscriptionStart.Timestamp"/>.</summary>
    public DateTimeOffset? StartTime { get; set; }

    /// <summary>Gets or sets the cursor (<see cref="Delivery.Cursor"/>) behind which to go on, such as one that a program has stored
    /// with its own data. Default null. Excludes <see cref="Start"/> and <see cref="WorkerGroup"/>.</summary>
    public string? ResumeAfter { get; set; }

    /// <summary>Gets or sets the name under which the broker remembers where this subscriber stopped, also when the program ends. Default null:
    /// none. At most 200 characters.</summary>
    public string? ConsumerId { get; set; }

    /// <summary>Gets or sets whether <see cref="ConsumerId"/> is taken back from the subscriber that this program has lost it to. Default false: the
    /// broker then refuses it to whoever comes back over the same connection (<see cref="EventBrokerException.IsTakenOver"/>). After the subscription is
    /// open it has no effect.</summary>
    public bool TakeOver { get; set; }

    /// <summary>Gets or sets the age beyond which messages are left out. Default null: any age.</summary>
    public TimeSpan? MaxAge { get; set; }

    /// <summary>Gets or sets whether only the newest message matters: what piles up while the program is busy is left out. So that it can,
    /// there is room for one message on the way to the program unless <see cref="MaxInFlight"/> says otherwise.</summary>
    public bool LatestOnly { get; set; }

    /// <summary>Gets or sets whether messages are settled by the broker as soon as they are sent: at most once, nothing to settle here.
    /// Default false.</summary>
    public bool AutoAck { get; set; }

    /// <summary>Gets or sets how long a message may stay unsettled, from when the broker sent it, before it is delivered again.
    /// Default 30 s; 1 s to 12 h.</summary>
    public TimeSpan AckTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how many messages may be unsettled at a time, those that wait in the program included. The broker's own limit,
    /// usually 1000, holds where it is lower. Default null: as many as <see cref="BufferSize"/>, or one with <see cref="LatestOnly"/>, so that no
    /// message grows old on the way to a slow program. Raise it for a distant broker or for a program that works on more at a time. 1 or
    /// more.</summary>
    public int? MaxInFlight { get; set; }

    /// <summary>Gets or sets for how long, after it came, a message that is not settled yet is extended, those that wait in the program
    /// included: asked for once half of <see cref="AckTimeout"/> is over, again and again. Default null: never, so that a program that forgets a
    /// message gets it again. Handlers have <see cref="HandlerOptions.MaxExtension"/> instead. Zero (never) or 1 s to a day.</summary>
    public TimeSpan? MaxExtension { get; set; }

    /// <summary>Gets or sets how many messages wait in the program before the stream is not read any further, and the broker feels it. Where
    /// messages are settled, <see cref="MaxInFlight"/> bounds them and this is its default; with <see cref="AutoAck"/> and over the Go
    /// event-server this alone does. Default 100; 1 to 100 000.</summary>
    public int BufferSize { get; set; } = 100;

    /// <summary>Gets or sets the same in bytes of payload; a first message fits whatever its size. Where messages are settled, the broker's limit of
    /// unsettled bytes counts instead, usually 16 MiB. Default 4 MiB; 1 or more.</summary>
    public int BufferBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Gets or sets whether an event that does not exist (any more) is registered, also when that is found out during a reconnect. Default
    /// false: the subscription ends with NOT_FOUND.</summary>
    public bool RegisterMissingEvent { get; set; }

    /// <summary>Gets or sets what is called with every fault of the stream, before it is opened anew or the enumeration ends. Called one
    /// at a time from the thread pool; what it throws is logged. Default null.</summary>
    public Action<SubscriptionFault>? OnFault { get; set; }

    /// <summary>Gets or sets what is called whenever the stream was opened, the first time included. Called like
    /// <see cref="OnFault"/>. Default null.</summary>
    public Action<SubscriptionOpening>? OnOpened { get; set; }
}
