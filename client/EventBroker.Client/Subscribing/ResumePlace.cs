using EventBroker.Protos.Event.V1;
using Google.Protobuf.WellKnownTypes;

namespace EventBroker.Client.Subscribing;

/// <summary>Where a subscription goes on after a cut, by whatever the server offers for it: the place that it keeps for a worker group or
/// consumer id, a cursor, or the time of the last message.</summary>
internal sealed class ResumePlace
{
    /// <summary>How many messages are remembered behind one that stays unsettled.</summary>
    public const int Limit = 100_000;

    private readonly SubscribeOptions _options;
    private readonly ResumeTracker? _tracker;
    private readonly HashSet<MessageKey> _lastSeen = [];
    private Timestamp? _lastTime;
    private string? _autoAckCursor;
    private bool _isEventBroker;
    private bool _hasOpened;

    public ResumePlace(SubscribeOptions options, Action leftBehind)
    {
        _options = options;
        if (!IsNamed && !options.AutoAck)
        {
            _tracker = new ResumeTracker(Limit, leftBehind);
        }
    }

    /// <summary>Gets whether unsettled messages come again after a cut without our doing, or because we ask for them.</summary>
    public bool IsKeptByServer { get; private set; }

    /// <summary>Gets where the first stream began, as the server told; empty if it did not.</summary>
    public string StartCursor { get; private set; } = "";

    private string? Cursor => _tracker is null ? _autoAckCursor : _tracker.Cursor;

    private bool IsNamed => _options.WorkerGroup is not null || _options.ConsumerId is not null;

    /// <summary>Writes into a request where the stream shall begin.</summary>
    public void Apply(SubscribeRequest request)
    {
        if (!_hasOpened || IsNamed)
        {
            return;
        }

        if (Cursor is { } cursor)
        {
            request.ResumeAfter = cursor;
            request.StartFrom = StartPosition.Unspecified;
            request.StartTime = null;
        }
        else if (!_isEventBroker && _lastTime is not null)
        {
            request.StartFrom = StartPosition.Timestamp;
            request.StartTime = _lastTime;
        }
        else if (_isEventBroker)
        {
            // Nothing to go by, and its transport can't replay: the end is all there is.
            request.ResumeAfter = "";
            request.StartFrom = StartPosition.Unspecified;
            request.StartTime = null;
        }
    }

    /// <summary>Learns from a stream that was opened.</summary>
    /// <returns>What became of going on; the server's word, or our own where it has none.</returns>
    public ResumeOutcome Opened(SubscriptionStream stream)
    {
        var isFirst = !_hasOpened;
        _hasOpened = true;
        _isEventBroker = stream.IsEventBroker;
        if (isFirst)
        {
            StartCursor = stream.StartCursor ?? "";
            _autoAckCursor = stream.StartCursor ?? _options.ResumeAfter;
            _tracker?.Begin(_autoAckCursor);
        }

        IsKeptByServer = stream.IsEventBroker && (IsNamed || Cursor is not null);
        return !isFirst && !IsNamed && Cursor is null ? ResumeOutcome.Lost : stream.Resume;
    }

    /// <summary>The stream has ended.</summary>
    public void Cut() => _tracker?.Cut();

    /// <summary>Notes a message that came.</summary>
    /// <returns>False if nobody needs to see it again.</returns>
    public bool TryAdd(IncomingMessage message, out ResumeEntry? entry)
    {
        entry = null;
        if (IsNamed)
        {
            return true;
        }

        if (!_isEventBroker)
        {
            return TryAddByTime(message);
        }

        if (_tracker is null)
        {
            _autoAckCursor = message.Cursor.Length > 0 ? message.Cursor : _autoAckCursor;
            return true;
        }

        return _tracker.TryAdd(message, out entry);
    }

    // Of the Go event-server's messages all that is known is when they were published.
    private bool TryAddByTime(IncomingMessage message)
    {
        if (!message.HasTime)
        {
            return true;
        }

        var time = new Timestamp { Seconds = message.Seconds, Nanos = message.Nanoseconds };
        if (_lastTime is null || time > _lastTime)
        {
            _lastTime = time;
            _lastSeen.Clear();
        }

        return time < _lastTime || _lastSeen.Add(MessageKey.Of(message)) || message.RetryCount > 0;
    }
}
