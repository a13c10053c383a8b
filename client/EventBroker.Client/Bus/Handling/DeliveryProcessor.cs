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
        using var activity = ClientTracing.StartProcess(eventName, delivery);
        using var handling = Handling.Begin(delivery, options.HandlerTimeout, _time, stopping);
        var outcome = TryDecode(delivery, out var value, out var fault)
            ? await CallAsync(delivery, value!, handling, activity).ConfigureAwait(false)
            : await SetAsideAsync(delivery, fault!, activity, handling.Token).ConfigureAwait(false);
        bus.Metrics.Handled(eventName, _time.GetElapsedTime(started), outcome);
    }

    private bool TryDecode(Delivery delivery, out T? value, out Exception? fault)
    {
        value = default;
        fault = null;
        try
        {
            if (delivery.Metadata.TryGetValue(MediaType.Key, out var contentType))
            {
                var mediaType = MediaType.Of(contentType);
                if (!mediaType.IsEmpty && !codec.CanDecode(mediaType.ToString()))
                {
                    fault = new InvalidDataException($"its content type is '{contentType}', expected is '{codec.ContentType}'");
                    return false;
                }
            }

            value = codec.Decode(delivery.Payload);
            if (value is null)
            {
                fault = new InvalidDataException("the codec has made null of it");
            }
        }
#pragma warning disable CA1031 // Whatever a codec throws says that the message can't be decoded.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            fault = exception;
        }

        return fault is null;
    }

    private async Task<HandlingOutcome> CallAsync(Delivery delivery, T value, Handling handling, Activity? activity)
    {
        try
        {
            await pipeline.RunAsync(new DeliveryContext<T>(delivery, value, handling)).ConfigureAwait(false);
            if (delivery.IsLeaseLost)
            {
                // Logged when it was noticed; an ack would only say the same.
                return HandlingOutcome.LeaseLost;
            }

            _settler.Ack(delivery);
            return HandlingOutcome.Acked;
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

    private async Task<HandlingOutcome> FailedAsync(Delivery delivery, Exception exception, Handling handling)
    {
        var isLate = handling.WhyEnded is HandlingEnd.TimedOut;
        var reason = isLate ? $"the handler has taken more than {options.HandlerTimeout}" : Settler.ReasonOf(exception);
        if (IsLastAttempt(delivery) && handling.WhyEnded is not HandlingEnd.Stopping)
        {
            // Its token is cancelled where the handler was late.
            return await GiveUpAsync(delivery, exception, reason).ConfigureAwait(false);
        }

        var delay = _settler.DelayOf(delivery);
        if (!delivery.NeedsSettling)
        {
            BusLog.HandlingFailedForGood(_logger, exception, delivery.Id, eventName);
        }
        else if (isLate)
        {
            BusLog.HandlingTimedOut(
                _logger, exception, delivery.Id, eventName, options.HandlerTimeout!.Value, delivery.RetryCount, delay);
        }
        else
        {
            BusLog.HandlingFailed(_logger, exception, delivery.Id, eventName, delivery.RetryCount, delay);
        }

        _settler.Nack(delivery, reason, delay);
        return isLate ? HandlingOutcome.TimedOut : HandlingOutcome.Nacked;
    }

    private bool IsLastAttempt(Delivery delivery) => delivery.NeedsSettling && delivery.RetryCount + 1 >= options.MaxAttempts;

    private async Task<HandlingOutcome> GiveUpAsync(Delivery delivery, Exception exception, string reason)
    {
        var attempts = delivery.RetryCount + 1;
        reason = Settler.Shorten($"failed in {attempts} attempts: {reason}");
        if (await _deadLetters.TryPublishAsync(delivery, reason, CancellationToken.None).ConfigureAwait(false) is { } delay)
        {
            _settler.Nack(delivery, reason, delay);
            return HandlingOutcome.Nacked;
        }

        BusLog.GivenUp(_logger, exception, delivery.Id, eventName, attempts, _deadLetters.EventName);
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
                return await GiveUpAsync(delivery, fault, "undecodable: " + reason).ConfigureAwait(false);
            default:
                var delay = _settler.DelayOf(delivery);
                BusLog.UndecodableNacked(_logger, fault, delivery.Id, eventName, reason, delay);
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
