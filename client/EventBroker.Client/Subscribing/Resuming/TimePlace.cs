using EventBroker.Protos.Event.V1;
using Google.Protobuf.WellKnownTypes;

namespace EventBroker.Client.Subscribing;

/// <summary>The time of the last message, which is all that is known of those of the Go event-server.</summary>
internal sealed class TimePlace : ResumePlace
{
    private readonly HashSet<MessageKey> _lastSeen = [];
    private Timestamp? _last;

    // What was published meanwhile may be gone.
    public override bool GoesOn => false;

    public override bool IsFor(SubscriptionStream stream) => !stream.IsEventBroker;

    public override void Apply(SubscribeRequest request)
    {
        if (_last is not null)
        {
            request.StartFrom = StartPosition.Timestamp;
            request.StartTime = _last;
        }
    }

    public override bool TryAdd(IncomingMessage message, out ResumeEntry? entry)
    {
        entry = null;
        if (!message.HasTime)
        {
            return true;
        }

        var time = new Timestamp { Seconds = message.Seconds, Nanos = message.Nanoseconds };
        if (_last is null || time > _last)
        {
            _last = time;
            _lastSeen.Clear();
        }

        return time < _last || _lastSeen.Add(MessageKey.Of(message)) || message.RetryCount > 0;
    }
}
