using EventBroker.Broker.Interception;
using EventBroker.Broker.Publishing;
using EventBroker.Broker.Routing;
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
    /// <returns>The message's id as UTF-8, once the transport has accepted the message.</returns>
    /// <exception cref="BrokerException">NOT_FOUND, INVALID_ARGUMENT, RESOURCE_EXHAUSTED (too large), a denial, or what the
    /// transport says.</exception>
    public ValueTask<ReadOnlyMemory<byte>> PublishAsync(
        Caller caller, string eventName, MessageEncoder message, CancellationToken cancellationToken)
    {
        CheckEventName(eventName);
        var authorized = _access.AuthorizeAsync(caller, BrokerOperation.Publish, eventName, "", cancellationToken);
        if (!authorized.IsCompletedSuccessfully)
        {
            return AuthorizeThenPublishAsync(authorized, caller, eventName, message, cancellationToken);
        }

        var published = SendAsync(caller, eventName, message, cancellationToken);
        return published.IsCompletedSuccessfully ? new(message.Id) : AwaitId(published, message);

        static async ValueTask<ReadOnlyMemory<byte>> AwaitId(ValueTask published, MessageEncoder message)
        {
            await published;
            return message.Id;
        }
    }

    /// <summary>Publishes several messages. Each succeeds or fails on its own, noted in the items; the messages of one event keep
    /// their order.</summary>
    /// <param name="caller">Who publishes.</param>
    /// <param name="items">The messages; an item that has a failure already is left out.</param>
    /// <param name="cancellationToken">The call's end.</param>
    /// <returns>A task that ends when all are decided.</returns>
    public async ValueTask PublishAsync(Caller caller, IReadOnlyList<PublishItem> items, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(items);
        var runs = new List<PublishRun>();
        PublishRun? run = null;
        foreach (var item in items)
        {
            if (item.Failure is not null)
            {
                continue;
            }

            if (run is null || run.EventName != item.EventName)
            {
                run = runs.Find(r => r.EventName == item.EventName);
                if (run is null)
                {
                    run = new PublishRun(item.EventName);
                    runs.Add(run);
                }
            }

            run.Items.Add(item);
        }

        foreach (var each in runs)
        {
            try
            {
                CheckEventName(each.EventName);
                await _access.AuthorizeAsync(caller, BrokerOperation.Publish, each.EventName, "", cancellationToken);
                await SendRunAsync(caller, each, cancellationToken);
            }
            catch (BrokerException exception)
            {
                each.FailUndecided(exception);
            }
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> AuthorizeThenPublishAsync(
        ValueTask authorized, Caller caller, string eventName, MessageEncoder message, CancellationToken cancellationToken)
    {
        await authorized;
        await SendAsync(caller, eventName, message, cancellationToken);
        return message.Id;
    }

    private ValueTask SendAsync(Caller caller, string eventName, MessageEncoder encoder, CancellationToken cancellationToken)
    {
        var route = _routes.Find(eventName);
        var message = Complete(encoder, route);
        if (_publishChain is null)
        {
            return route.For(caller).PublishAsync(eventName, message, cancellationToken);
        }

        return _publishChain.RunAsync(new InterceptedPublish
        {
            Caller = caller,
            EventName = eventName,
            Transport = route.Name,
            Route = route,
            Message = message,
            CancellationToken = cancellationToken,
        });
    }

    private async ValueTask SendRunAsync(Caller caller, PublishRun run, CancellationToken cancellationToken)
    {
        if (_publishChain is not null)
        {
            foreach (var item in run.Items)
            {
                try
                {
                    await SendAsync(caller, run.EventName, item.Message, cancellationToken);
                    item.Id = item.Message.Id;
                }
                catch (BrokerException exception)
                {
                    item.Failure = exception;
                }
            }

            return;
        }

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

        await route.For(caller).PublishAsync(run.EventName, batch, cancellationToken);
        for (var i = 0; i < batch.Count; i++)
        {
            run.Sent[i].Failure = batch.GetFailure(i);
            run.Sent[i].Id = batch.GetFailure(i) is null ? run.Sent[i].Message.Id : default;
        }
    }

    private EncodedMessage Complete(MessageEncoder message, RoutedTransport route)
    {
        if (message.MetadataCount > Options.MaxMetadataEntries || message.MetadataLength > Options.MaxMetadataBytes)
        {
            throw new BrokerException(
                BrokerErrorCode.InvalidArgument,
                $"metadata has {message.MetadataCount} entries and {message.MetadataLength} bytes; "
                + $"{Options.MaxMetadataEntries} entries and {Options.MaxMetadataBytes} bytes are allowed");
        }

        var now = _time.GetUtcNow();
        if (!message.HasId)
        {
            Span<byte> id = stackalloc byte[MessageIdGenerator.Length];
            _ids.Next(now, id);
            message.WriteId(id);
        }

        message.WriteTimestamp(MessageTimestamp.From(now));
        var limit = Math.Min(Options.MaxMessageBytes, route.Capabilities.MaxMessageBytes ?? int.MaxValue);
        if (message.Length > limit)
        {
            throw new BrokerException(
                BrokerErrorCode.ResourceExhausted, $"the message has {message.Length} bytes; {limit} are allowed");
        }

        return message.Build();
    }
}
