using EventBroker.Client.Diagnostics;
using EventBroker.Protos.Event.V1;
using Google.Protobuf.WellKnownTypes;

namespace EventBroker.Client.Subscribing;

/// <summary>Makes requests of what a program has asked for, within what the broker is known to allow.</summary>
internal sealed class SubscribeRequests(Subscriber subscriber)
{
    private readonly SubscribeOptions _options = subscriber.Options;
    private bool _isLimitTold;

    /// <summary>Makes a request.</summary>
    /// <param name="isFirst">Whether the program has just asked for it; otherwise the subscription comes back by itself.</param>
    public SubscribeRequest Create(bool isFirst) => new()
    {
        Event = subscriber.EventName,
        DeliveryMode = _options.WorkerGroup is null ? DeliveryMode.Broadcast : DeliveryMode.WorkerPool,
        WorkerGroup = _options.WorkerGroup ?? "",
        StartFrom = (StartPosition)(int)_options.Start,
        StartTime = _options.StartTime is { } time ? Timestamp.FromDateTimeOffset(time) : null,
        MaxAge = _options.MaxAge is { } age ? Duration.FromTimeSpan(age) : null,
        LatestOnly = _options.LatestOnly,
        BufferSize = _options.BufferSize,
        ConsumerId = _options.ConsumerId ?? "",
        ResumeAfter = _options.ResumeAfter ?? "",
        MaxInFlight = InFlight(),
        AckTimeout = Duration.FromTimeSpan(_options.AckTimeout),
        AutoAck = _options.AutoAck,
        Takeover = _options.TakeOver && isFirst,
    };

    // Zero for what the broker allows: then nothing is left unsettled.
    private int InFlight()
    {
        var allowed = subscriber.Connection.Limits.MaxInFlight;
        if (_options.AutoAck)
        {
            return _options.MaxInFlight is { } unused ? Math.Min(unused, allowed) : 0;
        }

        var wanted = _options.MaxInFlight ?? (_options.LatestOnly ? 1 : _options.BufferSize);
        if (wanted > allowed && !_isLimitTold)
        {
            _isLimitTold = true;
            ClientLog.InFlightLimited(subscriber.Connection.Logger, subscriber.EventName, wanted, allowed);
        }

        return Math.Min(wanted, allowed);
    }
}
