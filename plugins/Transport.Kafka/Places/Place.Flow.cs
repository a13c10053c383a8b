using Confluent.Kafka;

namespace EventBroker.Transport.Kafka.Places;

// No more is read than the workers take, and none too far behind a message that is not settled. On the consumer's thread.
internal sealed partial class Place
{
    private const long MaxUnreadBytes = 16 * 1024 * 1024;

    private void AdjustFlow()
    {
        List<TopicPartition>? paused = null, resumed = null;
        Share? full = null;
        lock (_gate)
        {
            foreach (var share in _shares.Values)
            {
                var isSpanFull = share.Span >= _state.Settings.MaxUnsettledSpan;
                if (isSpanFull && !share.IsSpanFull)
                {
                    full = share;
                }

                share.IsSpanFull = isSpanFull;
                if (!share.IsPaused && (isSpanFull || share.Unread >= _state.Settings.ReadAhead || share.UnreadBytes >= MaxUnreadBytes))
                {
                    share.IsPaused = true;
                    (paused ??= []).Add(new TopicPartition(Event.Topic, share.Partition));
                }
                else if (share.IsPaused && MayGoOn(share))
                {
                    share.IsPaused = false;
                    (resumed ??= []).Add(new TopicPartition(Event.Topic, share.Partition));
                }
            }
        }

        if (full is not null)
        {
            KafkaLog.SpanFull(_state.Logger, Group, Event.EventName, full.Partition, full.Mark, full.Span);
        }

        try
        {
            if (paused is not null)
            {
                _consumer.Pause(paused);
            }

            if (resumed is not null)
            {
                _consumer.Resume(resumed);
            }
        }
        catch (KafkaException exception)
        {
            // A partition that goes at this moment can't be paused any more.
            KafkaLog.ReadFailed(_state.Logger, Event.EventName, exception.Error.Reason);
        }
    }
}
