using EventBroker.Client.Options;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace EventBroker.Client.Bus;

/// <summary>Publishes what is not to come again to an event of its own.</summary>
internal sealed class DeadLetters(EventBus bus, string eventName, HandlerOptions options, ILogger logger)
{
    private const string Suffix = ".dead-letter";

    // What fails here fails for as long as somebody has done something about it.
    private static readonly Func<int, TimeSpan> FailureDelay = HandlerOptions.Doubling(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));

    private bool _isFailing;

    public string EventName { get; } = NameOf(eventName, options);

    /// <summary>Checks the name that the letters of a handler go to, where it was given one or has any.</summary>
    public static void Check(string eventName, HandlerOptions options, OptionFaults faults)
    {
        if (options is { DeadLetterEvent: null, MaxAttempts: null, Undecodable: not UndecodableAction.DeadLetter })
        {
            return;
        }

        var name = NameOf(eventName, options);
        faults.Check(
            EventNames.IsRight(name),
            "DeadLetterEvent",
            options.DeadLetterEvent is null
                ? $"would be '{name}' with {name.Length} characters, and no event has such a name: {EventNames.Rule}. Set it"
                : $"is '{name}', and no event has such a name: {EventNames.Rule}");
    }

    /// <summary>Publishes a letter.</summary>
    /// <returns>Null if it is published; else how long the message should wait. The first failure in a row is told loudly, the others are
    /// counted.</returns>
    public async Task<TimeSpan?> TryPublishAsync(Delivery delivery, string reason, CancellationToken cancellationToken)
    {
        try
        {
            await PublishAsync(delivery, reason, cancellationToken).ConfigureAwait(false);
            _isFailing = false;
            bus.Metrics.DeadLetter(eventName, failure: null);
            return null;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // Such as a token provider's own exception: the subscription goes on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            bus.Metrics.DeadLetter(eventName, exception);
            var delay = FailureDelay(delivery.RetryCount);
            if (_isFailing)
            {
                BusLog.DeadLetterFailedAgain(logger, exception, delivery.Id, eventName, EventName, delay);
            }
            else
            {
                _isFailing = true;
                BusLog.DeadLetterFailed(logger, exception, delivery.Id, eventName, EventName, delay);
            }

            return delay;
        }
    }

    private static string NameOf(string eventName, HandlerOptions options) => options.DeadLetterEvent ?? eventName + Suffix;

    // What the broker takes as a message it takes as a letter only if there is room for what is written on it. So that is given up, bit by bit:
    // without any of it the letter is the message.
    private async Task PublishAsync(Delivery delivery, string reason, CancellationToken cancellationToken)
    {
        try
        {
            await PublishAsync(WithNotes(delivery, reason), isTraced: true, cancellationToken).ConfigureAwait(false);
            return;
        }
        catch (EventBrokerException refusal) when (MayBeTooLarge(refusal))
        {
        }

        try
        {
            await PublishAsync(WithReason(delivery, reason), isTraced: false, cancellationToken).ConfigureAwait(false);
            return;
        }
        catch (EventBrokerException refusal) when (MayBeTooLarge(refusal))
        {
        }

        await PublishAsync(Bare(delivery), isTraced: false, cancellationToken).ConfigureAwait(false);
        BusLog.DeadLetterCut(logger, delivery.Id, eventName, EventName, reason);
    }

    private async Task PublishAsync(OutgoingMessage letter, bool isTraced, CancellationToken cancellationToken)
    {
        try
        {
            await bus.Transport.PublishMessageAsync(EventName, letter, isTraced, cancellationToken).ConfigureAwait(false);
        }
        catch (EventBrokerException missing) when (missing.Code == ErrorCode.NotFound)
        {
            await bus.Transport.RegisterAsync(EventName, cancellationToken).ConfigureAwait(false);
            await bus.Transport.PublishMessageAsync(EventName, letter, isTraced, cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool MayBeTooLarge(EventBrokerException refusal) =>
        refusal.Code is ErrorCode.InvalidArgument or ErrorCode.ResourceExhausted;

    // An id of its own: the letters of several events may come together, where ids of different publishers could be the same.
    private OutgoingMessage WithNotes(Delivery delivery, string reason)
    {
        var metadata = new Dictionary<string, string>(delivery.Metadata)
        {
            ["dead-letter-reason"] = reason,
            ["dead-letter-event"] = eventName,
            ["dead-letter-id"] = delivery.Id,
        };
        if (delivery.Source.Length > 0)
        {
            metadata["dead-letter-source"] = delivery.Source;
        }

        return new OutgoingMessage { Payload = delivery.Payload, Metadata = metadata };
    }

    private static OutgoingMessage WithReason(Delivery delivery, string reason) => new()
    {
        Payload = delivery.Payload,
        Metadata = new Dictionary<string, string>(delivery.Metadata) { ["dead-letter-reason"] = reason },
    };

    private static OutgoingMessage Bare(Delivery delivery) => new()
    {
        Id = delivery.Id,
        Source = HeaderRules.IsSendable(delivery.Source) ? delivery.Source : null,
        Payload = delivery.Payload,
        Metadata = delivery.Metadata,
    };
}
