using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Redis.Backend;
using EventBroker.Transport.Redis.Messages;
using EventBroker.Transport.Redis.Scripts;
using StackExchange.Redis;

namespace EventBroker.Transport.Redis.Publishing;

internal sealed partial class EventPublisher
{
    private const int FixedValues = 8;

    // Measuring costs as much as adding a message, so it is done once in a while: a share of what the event may have later.
    private const int MeasuredShare = 64;

    /// <summary>Sends messages in one call and completes them; whatever fails fails them.</summary>
    private async Task SendAsync(List<PendingPublish> chunk)
    {
        try
        {
            var answers = await CallAsync(chunk);
            var isSafe = State.Settings.Replicas == 0 || await State.Backend.HaveReplicasAsync(entry.Keys.Stream, (string)answers[^1]!);
            var published = 0;
            var duplicates = 0;
            for (var i = 0; i < chunk.Count; i++)
            {
                var answer = (string)answers[i + 1]!;
                Complete(chunk[i], answer, isSafe);
                published += char.IsAsciiDigit(answer[0]) ? 1 : 0;
                duplicates += answer[0] == '=' ? 1 : 0;
            }

            State.Metrics.Add(State.Metrics.Published, published);
            State.Metrics.Add(State.Metrics.Duplicates, duplicates);
        }
#pragma warning disable CA1031 // Each caller gets it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            foreach (var pending in chunk)
            {
                pending.TrySetException(exception);
            }
        }
    }

    private async Task<RedisResult> CallAsync(List<PendingPublish> chunk)
    {
        var values = MakeValues(chunk);
        for (var attempt = 0; ; attempt++)
        {
            if (State.Backend.IsLost)
            {
                // Known to be out of reach: whoever publishes hears it at once, and the library finds the way back by itself.
                throw new BrokerException(BrokerErrorCode.Unavailable, "Redis is not reachable");
            }

            var answers = await State.Backend.RunAsync(Script.Publish, [entry.Keys.Stream, entry.Keys.Meta], values);
            var registration = (string)answers[0]!;
            if (answers.Length > chunk.Count)
            {
                entry.NoteRegistration(registration);
                return answers;
            }

            // No such event, or its stream is lost: it was unregistered, or the server has lost it. Only then is it made again.
            if (attempt == 3 || !await entry.RecoverAsync())
            {
                throw BrokerErrors.EventNotRegistered();
            }
        }
    }

    private RedisValue[] MakeValues(List<PendingPublish> chunk)
    {
        var settings = State.Settings;
        var values = new RedisValue[FixedValues + (2 * chunk.Count)];
        values[0] = entry.Keys.Channel;
        values[1] = State.RetentionValue;
        values[2] = settings.MaxMessagesPerEvent;
        values[3] = settings.MaxBytesPerEvent.Bytes;
        values[4] = 0;
        values[5] = RedisState.Milliseconds(settings.DeduplicationWindow);
        values[6] = IsMeasureDue(chunk) ? 1 : 0;
        values[7] = settings.Replicas > 0 ? 1 : 0;
        for (var i = 0; i < chunk.Count; i++)
        {
            values[FixedValues + (2 * i)] = chunk[i].Id;
            values[FixedValues + (2 * i) + 1] = chunk[i].Payload;
        }

        return values;
    }

    private bool IsMeasureDue(List<PendingPublish> chunk)
    {
        var limit = entry.Registration.Options.MaxBytes ?? State.Settings.MaxBytesPerEvent.Bytes;
        var sent = chunk.Sum(static p => (long)p.Length);
        if (Interlocked.Add(ref _unmeasured, sent) < limit / MeasuredShare)
        {
            return false;
        }

        Interlocked.Exchange(ref _unmeasured, 0);
        return true;
    }

    private void Complete(PendingPublish pending, string answer, bool isSafe)
    {
        switch (answer[0])
        {
            case '!':
                pending.TrySetException(RedisErrors.FromServer(answer[1..]));
                break;
            case '>':
                pending.TrySetException(new BrokerException(
                    BrokerErrorCode.ResourceExhausted, $"the message is larger than max_message_bytes of event '{entry.Name}' allows")
                {
                    IsFinal = true,
                });
                break;
            default:
                if (!isSafe)
                {
                    pending.TrySetException(new BrokerException(
                        BrokerErrorCode.Unavailable,
                        $"fewer than {State.Settings.Replicas} replicas of Redis have the message in time; it may be published all the same"));
                    break;
                }

                var isDuplicate = answer[0] == '=';
                pending.TrySetResult(new PublishReceipt
                {
                    Position = EntryId.Parse(answer.AsSpan(isDuplicate ? 1 : 0)),
                    IsDuplicate = isDuplicate,
                });
                break;
        }
    }
}
