using EventBroker.Protos.Event.V1;

namespace EventBroker.Client.Subscribing;

/// <summary>Where a subscription goes on after a cut, by whatever the server offers for it.</summary>
internal abstract class ResumePlace
{
    /// <summary>Gets whether it goes on where it was cut, so that what was unsettled comes again; otherwise it begins anew.</summary>
    public abstract bool GoesOn { get; }

    /// <summary>Chooses by what was asked for and by what the server told when it accepted the stream.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="stream">The stream that was opened.</param>
    /// <param name="leftBehind">Told when a message is given up that stays unsettled.</param>
    public static ResumePlace Of(SubscribeOptions options, SubscriptionStream stream, Action leftBehind)
    {
        if (options.WorkerGroup is not null || options.ConsumerId is not null)
        {
            return new KeptPlace();
        }

        if (!stream.IsEventBroker)
        {
            return new TimePlace();
        }

        var cursor = stream.StartCursor ?? options.ResumeAfter;
        return options.AutoAck ? new ReceivedPlace(cursor) : new SettledPlace(cursor, leftBehind);
    }

    /// <summary>Whether it can be used with the server that has accepted a stream: there may be another one now.</summary>
    public virtual bool IsFor(SubscriptionStream stream) => stream.IsEventBroker;

    /// <summary>Writes it into a request.</summary>
    public abstract void Apply(SubscribeRequest request);

    /// <summary>The stream has ended.</summary>
    public virtual void Cut()
    {
    }

    /// <summary>Notes a message that came.</summary>
    /// <param name="message">The message.</param>
    /// <param name="entry">What remembers it until it is settled; null where nobody need.</param>
    /// <returns>False if nobody needs to see it again.</returns>
    public virtual bool TryAdd(IncomingMessage message, out ResumeEntry? entry)
    {
        entry = null;
        return true;
    }
}
