using EventBroker.Broker.Subscribing;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using Microsoft.Extensions.Logging;

namespace EventBroker.Broker.Delivering;

/// <summary>Stands between what was read and what is delivered: leaves out what is too old, overtaken or too large, for every transport
/// alike. What it leaves out takes nothing with it: the count of missed messages goes on to the next one, and so does the
/// cursor, which stands for everything read before.</summary>
/// <remarks>Used by the one thread that takes. Filters and keys of later days belong here.</remarks>
internal sealed class Admission(SubscriptionSetup setup, TimeProvider time, BrokerMetrics metrics, ILogger logger)
{
    private readonly TimeSpan? _maxAge = setup.Options.MaxAge;
    private readonly bool _latestOnly = setup.Options.LatestOnly;
    private readonly int _largest = setup.LargestMessage;
    private long _missed;

    /// <summary>Whether reading must go on to the end, since only the newest counts.</summary>
    public bool WantsNewest => _latestOnly;

    /// <summary>Carries on the count of a message that is not delivered after all.</summary>
    public void CarryOn(long missed) => _missed += missed;

    /// <summary>Notes a message that no stream can carry. It is told as missed, since nobody chose to leave it out.</summary>
    public void Refuse(Position position, int length, long missed)
    {
        _missed += missed + 1;
        metrics.Undeliverable.Add(1);
        BrokerLog.Undeliverable(logger, setup.EventName, position.ToString(), length, _largest);
    }

    /// <summary>Gets the count to be told with a message that is delivered now.</summary>
    public long Told(long missed)
    {
        if (_missed == 0)
        {
            return missed;
        }

        missed += _missed;
        _missed = 0;
        return missed;
    }

    /// <summary>Sorts out what was read.</summary>
    /// <param name="read">What was read; afterwards what is delivered, in front.</param>
    /// <param name="leftOut">Gets what is not, to be told to the transport.</param>
    /// <returns>How many are delivered.</returns>
    public int Admit(Span<Delivery> read, List<TransportSettlement>? leftOut)
    {
        var kept = 0;
        var oldest = _maxAge is { } age ? Oldest(age) : default;
        for (var i = 0; i < read.Length; i++)
        {
            ref readonly var delivery = ref read[i];
            if (delivery.Message.Length > _largest)
            {
                Refuse(delivery.Position, delivery.Message.Length, delivery.Missed);
                Note(leftOut, delivery, SettlementReason.DeadLettered);
            }
            else if (_maxAge is not null && IsBefore(delivery.Message.GetTimestamp(), oldest))
            {
                _missed += delivery.Missed;
                Note(leftOut, delivery, SettlementReason.LeftOut);
            }
            else
            {
                if (kept != i || _missed != 0)
                {
                    read[kept] = delivery with { Missed = Told(delivery.Missed) };
                }

                kept++;
            }
        }

        return _latestOnly && kept > 1 ? KeepNewest(read[..kept], leftOut) : kept;
    }

    // The last of those that are delivered for the first time; one that comes again is newest only if it is alone.
    private int KeepNewest(Span<Delivery> read, List<TransportSettlement>? leftOut)
    {
        var newest = read.Length - 1;
        while (newest > 0 && read[newest].RetryCount > 0)
        {
            newest--;
        }

        newest = read[newest].RetryCount > 0 ? read.Length - 1 : newest;
        for (var i = 0; i < read.Length; i++)
        {
            if (i != newest)
            {
                _missed += read[i].Missed;
                Note(leftOut, read[i], SettlementReason.LeftOut);
            }
        }

        read[0] = read[newest] with { Missed = Told(read[newest].Missed) };
        return 1;
    }

    private MessageTimestamp Oldest(TimeSpan age)
    {
        var now = time.GetUtcNow();
        return MessageTimestamp.From(now - DateTimeOffset.MinValue > age ? now - age : DateTimeOffset.MinValue);
    }

    /// <summary>Whether a message has become too old while it waited.</summary>
    public bool IsTooOld(in Delivery delivery) => _maxAge is { } age && IsBefore(delivery.Message.GetTimestamp(), Oldest(age));

    private static bool IsBefore(MessageTimestamp time, MessageTimestamp limit) =>
        time.Seconds < limit.Seconds || (time.Seconds == limit.Seconds && time.Nanoseconds < limit.Nanoseconds);

    private static void Note(List<TransportSettlement>? leftOut, in Delivery delivery, SettlementReason reason) => leftOut?.Add(
        new TransportSettlement { Delivery = delivery, Action = SettlementAction.Complete, Reason = reason, Attempts = delivery.RetryCount });
}
