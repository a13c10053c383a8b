using EventBroker.Broker.Interception;
using EventBroker.Broker.Publishing;
using EventBroker.Broker.Routing;
using EventBroker.Broker.Settling;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker;

// From the publisher to the transport.
public sealed partial class MessageBroker
{
    /// <summary>Publishes one message. The broker adds the id, where the publisher gave none, and the time.</summary>
    /// <param name="caller">Who publishes.</param>
    /// <param name="eventName">The event.</param>
    /// <param name="message">Id (if given), source, payload and metadata; spent afterwards.</param>
    /// <param name="cancellationToken">The call's end.</param>
    /// <returns>The answer, once the transport has accepted the message.</returns>
    /// <exception cref="BrokerException">NOT_FOUND, INVALID_ARGUMENT, RESOURCE_EXHAUSTED (too large), a denial, or what the
    /// transport says.</exception>
    public ValueTask<Published> PublishAsync(
        Caller caller, string eventName, MessageEncoder message, CancellationToken cancellationToken)
    {
        CheckEventName(eventName);
        var authorized = _access.AuthorizeAsync(caller, BrokerOperation.Publish, eventName, "", cancellationToken);
        if (!authorized.IsCompletedSuccessfully)
        {
            return AuthorizeThenPublishAsync(authorized, caller, eventName, message, cancellationToken);
        }

        var published = SendAsync(caller, eventName, message, cancellationToken);
        return published.IsCompletedSuccessfully
            ? new(new Published(message.Id, published.Result.IsDuplicate))
            : AwaitReceipt(published, message);

        static async ValueTask<Published> AwaitReceipt(ValueTask<PublishReceipt> published, MessageEncoder message)
        {
            var receipt = await published;
            return new Published(message.Id, receipt.IsDuplicate);
        }
    }

    /// <summary>Publishes several messages. Each succeeds or fails on its own, noted in the items; the messages of one event keep
    /// their order.</summary>
    /// <param name="caller">Who publishes.</param>
    /// <param name="items">The messages; an item that has a failure already is left out.</param>
    /// <param name="cancellationToken">The call's end.</param>
    /// <returns>A task that ends when all are decided.</returns>
    /// <exception cref="BrokerException">There is no authorizer, or the caller's credentials are wrong.</exception>
    public async ValueTask PublishAsync(Caller caller, IReadOnlyList<PublishItem> items, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(items);
        await _access.AuthenticateAsync(caller, cancellationToken);
        var runs = new Dictionary<string, PublishRun>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            if (item.Failure is not null)
            {
                continue;
            }

            if (!runs.TryGetValue(item.EventName, out var run))
            {
                runs.Add(item.EventName, run = new PublishRun(item.EventName));
            }

            run.Items.Add(item);
        }

        // All on their way before any is waited for: events may lie on different transports, and none is kept waiting by another.
        var sent = new List<Task>(runs.Count);
        foreach (var run in runs.Values)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                // Those that are on their way are waited for, and then tell of it.
                break;
            }

            var task = PublishRunAsync(caller, run, cancellationToken);
            if (!task.IsCompletedSuccessfully)
            {
                sent.Add(task.AsTask());
            }
        }

        await Task.WhenAll(sent);
        cancellationToken.ThrowIfCancellationRequested();
    }

    // Fails only by cancellation: everything else is told by the items.
    private async ValueTask PublishRunAsync(Caller caller, PublishRun run, CancellationToken cancellationToken)
    {
        try
        {
            var refused = FindFault(run.EventName)
                ?? await _access.FindDenialAsync(caller, BrokerOperation.Publish, run.EventName, "", cancellationToken);
            if (refused is not null)
            {
                run.FailUndecided(refused);
                return;
            }

            await SendRunAsync(caller, run, cancellationToken);
        }
        catch (BrokerException exception)
        {
            run.FailUndecided(exception);
        }
#pragma warning disable CA1031 // What befalls the messages of one event must not take their results from the others.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            BrokerLog.PublishFailed(_logger, exception, run.Items.Count, run.EventName);
            run.FailUndecided(new BrokerException(BrokerErrorCode.Internal, "internal error", exception));
        }
    }

    private async ValueTask<Published> AuthorizeThenPublishAsync(
        ValueTask authorized, Caller caller, string eventName, MessageEncoder message, CancellationToken cancellationToken)
    {
        await authorized;
        var receipt = await SendAsync(caller, eventName, message, cancellationToken);
        return new Published(message.Id, receipt.IsDuplicate);
    }

    private ValueTask<PublishReceipt> SendAsync(Caller caller, string eventName, MessageEncoder encoder, CancellationToken cancellationToken)
    {
        var route = _routes.Find(eventName);
        var message = Complete(encoder, route);
        if (_publishChain is null)
        {
            return route.PublishAsync(caller, eventName, message, cancellationToken);
        }

        return _publishChain.RunAsync(new InterceptedPublish
        {
            Caller = caller,
            EventName = eventName,
            Transport = route.Name,
            Route = route,
            LargestMessage = LargestMessage(route),
            Message = message.Message,
            HasGeneratedId = message.HasGeneratedId,
            CancellationToken = cancellationToken,
        });
    }

    private ValueTask SendRunAsync(Caller caller, PublishRun run, CancellationToken cancellationToken)
    {
        var route = _routes.Find(run.EventName);
        var batch = new PublishBatch(run.Items.Count);
        foreach (var item in run.Items)
        {
            try
            {
                batch.Add(Complete(item.Message, route));
                run.Sent.Add(item);
            }
            catch (BrokerException exception)
            {
                item.Failure = exception;
            }
        }

        return _publishChain is null
            ? SendBatchAsync(caller, run, route, batch, cancellationToken)
            : _publishChain.RunAsync(caller, run, route, batch, LargestMessage(route), _logger, cancellationToken);
    }

    private static async ValueTask SendBatchAsync(
        Caller caller, PublishRun run, RoutedTransport route, PublishBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Count == 0)
        {
            return;
        }

        await route.PublishAsync(caller, run.EventName, batch, cancellationToken);
        for (var i = 0; i < batch.Count; i++)
        {
            run.Sent[i].Decide(batch.GetFailure(i), batch.GetReceipt(i));
        }
    }

    private TransportMessage Complete(MessageEncoder message, RoutedTransport route)
    {
        if (message.MetadataCount > Options.MaxMetadataEntries || message.MetadataLength > Options.MaxMetadataBytes)
        {
            throw new BrokerException(
                BrokerErrorCode.InvalidArgument,
                $"metadata has {message.MetadataCount} entries and {message.MetadataLength} bytes; "
                + $"{Options.MaxMetadataEntries} entries and {Options.MaxMetadataBytes} bytes are allowed");
        }

        if (message.Id.Length > BrokerOptions.MaxIdBytes)
        {
            throw new BrokerException(
                BrokerErrorCode.InvalidArgument, $"id has {message.Id.Length} bytes; {BrokerOptions.MaxIdBytes} are allowed");
        }

        var now = _time.GetUtcNow();
        var hasGeneratedId = !message.HasId;
        if (hasGeneratedId)
        {
            Span<byte> id = stackalloc byte[MessageIdGenerator.Length];
            _ids.Next(now, id);
            message.WriteId(id);
        }

        message.WriteTimestamp(MessageTimestamp.From(now));
        var limit = LargestMessage(route);
        if (message.Length > limit)
        {
            throw DeliveryEnvelope.TooLarge(message.Length, limit);
        }

        return new TransportMessage(message.Build()) { HasGeneratedId = hasGeneratedId };
    }
}
