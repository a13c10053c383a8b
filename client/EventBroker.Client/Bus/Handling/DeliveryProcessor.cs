using System.Diagnostics;
using EventBroker.Client.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EventBroker.Client.Bus;

/// <summary>Handles the deliveries of one subscription: decodes, calls the handler, settles.</summary>
internal sealed class DeliveryProcessor<T>(
    EventBus bus, string eventName, IEventCodec<T> codec, HandlerOptions options, HandlerPipeline<T> pipeline)
    : IDeliveryProcessor
{
    private readonly TimeProvider _time = bus.Transport.Connection.Time;
    private readonly ILogger _logger = bus.Transport.Connection.LoggerFactory.CreateLogger<EventBus>();
    private readonly DeadLetters _deadLetters = new(
        bus, eventName, options, bus.Transport.Connection.LoggerFactory.CreateLogger<EventBus>());
    private readonly Settler _settler = new(
        eventName, options, bus.Metrics, bus.Transport.Connection.LoggerFactory.CreateLogger<EventBus>());

    public async Task HandleAsync(Delivery delivery, CancellationToken stopping)
    {
        var started = _time.GetTimestamp();
        using var activity = ClientTracing.StartProcess(eventName, delivery, bus.Transport.Connection.Options.Address!);
        using var handling = Handling.Begin(delivery, options.HandlerTimeout, _time, stopping);
        var outcome = Decoding.TryDecode(codec, delivery, out var value, out var fault)
            ? await CallAsync(delivery, value!, handling, activity).ConfigureAwait(false)
            : await SetAsideAsync(delivery, fault!, activity, handling.Token).ConfigureAwait(false);
        bus.Metrics.Handled(eventName, _time.GetElapsedTime(started), outcome);
    }

    private async Task<HandlingOutcome> CallAsync(Delivery delivery, T value, Handling handling, Activity? activity)
    {
        try
        {
            var context = new EventContext(delivery, value!, handling);
            await pipeline.RunAsync(context).ConfigureAwait(false);
            if (delivery.IsLeaseLost)
            {
                // Logged when it was noticed; an ack would only say the same.
                return HandlingOutcome.LeaseLost;
            }

            return context.NackReason is null && context.DeadLetterReason is null
                ? Ack(delivery)
                : await DecidedAsync(delivery, context).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (handling.WhyEnded is HandlingEnd.Stopping)
        {
            // Left unsettled: the stream is closed next, which gives it back. A nack now would bring it here once more.
            BusLog.HandlingCanceled(_logger, delivery.Id, eventName);
            return HandlingOutcome.Canceled;
        }
        catch (OperationCanceledException) when (handling.WhyEnded is HandlingEnd.LeaseLost)
        {
            return HandlingOutcome.LeaseLost;
        }
#pragma warning disable CA1031 // The program's handler: whatever it throws gives the message back.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ClientTracing.Failed(activity, exception);
            if (handling.WhyEnded is HandlingEnd.LeaseLost || delivery.IsLeaseLost)
            {
                // Somebody else may have it by now, and do well: whatever is thrown for the cancelled token says nothing of the message.
                return HandlingOutcome.LeaseLost;
            }

            return await FailedAsync(delivery, exception, handling).ConfigureAwait(false);
        }
    }

    private HandlingOutcome Ack(Delivery delivery)
    {
        _settler.Ack(delivery);
        return HandlingOutcome.Acked;
    }

    // What the handler has made of the message without an exception.
    private async Task<HandlingOutcome> DecidedAsync(Delivery delivery, EventContext context)
    {
        var reason = Settler.Shorten(context.NackReason ?? context.DeadLetterReason!);
        if (context.NackReason is null || IsLastAttempt(delivery))
        {
            var isDecided = context.NackReason is null;
            return await GiveUpAsync(delivery, exception: null, isDecided ? reason : AfterAttempts(delivery, reason), isDecided).ConfigureAwait(false);
        }

        var delay = context.NackDelay ?? _settler.DelayOf(delivery);
        var level = BusLog.OfAttempt(delivery, LogLevel.Information);
        BusLog.HandlerNacked(_logger, level, delivery.Id, eventName, reason, delivery.RetryCount, delay);
        _settler.Nack(delivery, reason, delay);
        return HandlingOutcome.Nacked;
    }

    private async Task<HandlingOutcome> FailedAsync(Delivery delivery, Exception exception, Handling handling)
    {
        var isLate = handling.WhyEnded is HandlingEnd.TimedOut;
        var reason = isLate ? $"the handler has taken more than {options.HandlerTimeout}" : Settler.ReasonOf(exception);
        if (IsLastAttempt(delivery) && handling.WhyEnded is not HandlingEnd.Stopping)
        {
            // Its token is cancelled where the handler was late.
            return await GiveUpAsync(delivery, exception, AfterAttempts(delivery, reason)).ConfigureAwait(false);
        }

        var delay = _settler.DelayOf(delivery);
        var (level, inFull) = (BusLog.OfAttempt(delivery, LogLevel.Error), BusLog.OfAttempt(delivery, exception));
        if (!delivery.NeedsSettling)
        {
            BusLog.HandlingFailedForGood(_logger, exception, delivery.Id, eventName);
        }
        else if (isLate)
        {
            BusLog.HandlingTimedOut(
                _logger, level, inFull, delivery.Id, eventName, options.HandlerTimeout!.Value, delivery.RetryCount, delay);
        }
        else
        {
            BusLog.HandlingFailed(_logger, level, inFull, delivery.Id, eventName, delivery.RetryCount, reason, delay);
        }

        _settler.Nack(delivery, reason, delay);
        return isLate ? HandlingOutcome.TimedOut : HandlingOutcome.Nacked;
    }

    private bool IsLastAttempt(Delivery delivery) => delivery.NeedsSettling && delivery.RetryCount + 1 >= options.MaxAttempts;

    private static string AfterAttempts(Delivery delivery, string reason) =>
        Settler.Shorten($"failed in {delivery.RetryCount + 1} attempts: {reason}");

    private async Task<HandlingOutcome> GiveUpAsync(Delivery delivery, Exception? exception, string reason, bool isDecided = false)
    {
        if (await _deadLetters.TryPublishAsync(delivery, reason, CancellationToken.None).ConfigureAwait(false) is { } delay)
        {
            _settler.Nack(delivery, reason, delay);
            return HandlingOutcome.Nacked;
        }

        if (isDecided)
        {
            BusLog.HandlerDeadLettered(_logger, delivery.Id, eventName, _deadLetters.EventName, reason);
        }
        else
        {
            BusLog.GivenUp(_logger, exception, delivery.Id, eventName, delivery.RetryCount + 1, _deadLetters.EventName);
        }

        _settler.Ack(delivery);
        return HandlingOutcome.DeadLettered;
    }

    // What could not be decoded.
    private async Task<HandlingOutcome> SetAsideAsync(
        Delivery delivery, Exception fault, Activity? activity, CancellationToken stopping)
    {
        ClientTracing.Failed(activity, fault);
        var reason = Settler.ReasonOf(fault);
        switch (options.Undecodable)
        {
            case UndecodableAction.Drop:
                BusLog.UndecodableDropped(_logger, fault, delivery.Id, eventName, reason);
                _settler.Ack(delivery);
                return HandlingOutcome.Dropped;
            case UndecodableAction.DeadLetter:
                return await DeadLetterAsync(delivery, fault, reason, stopping).ConfigureAwait(false);
            case UndecodableAction.Nack when IsLastAttempt(delivery):
                return await GiveUpAsync(delivery, fault, AfterAttempts(delivery, "undecodable: " + reason)).ConfigureAwait(false);
            default:
                var delay = _settler.DelayOf(delivery);
                var (level, inFull) = (BusLog.OfAttempt(delivery, LogLevel.Warning), BusLog.OfAttempt(delivery, fault));
                BusLog.UndecodableNacked(_logger, level, inFull, delivery.Id, eventName, reason, delay);
                _settler.Nack(delivery, "undecodable: " + reason, delay);
                return HandlingOutcome.Undecodable;
        }
    }

    private async Task<HandlingOutcome> DeadLetterAsync(
        Delivery delivery, Exception fault, string reason, CancellationToken stopping)
    {
        try
        {
            if (await _deadLetters.TryPublishAsync(delivery, reason, stopping).ConfigureAwait(false) is { } delay)
            {
                _settler.Nack(delivery, "undecodable: " + reason, delay);
                return HandlingOutcome.Undecodable;
            }

            BusLog.UndecodableDeadLettered(_logger, fault, delivery.Id, eventName, reason, _deadLetters.EventName);
            _settler.Ack(delivery);
            return HandlingOutcome.DeadLettered;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return HandlingOutcome.Canceled;
        }
    }
}
