using System.Diagnostics;
using System.Text.Json;
using EventBroker.Client;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Messages;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Remote.Messages;
using EventBroker.Transport.Remote.Subscriptions;
using EventBroker.Transport.Remote.Upstream;

namespace EventBroker.Transport.Remote;

/// <summary>The broker behind, called with one set of credentials.</summary>
internal sealed class ForwardingView(UpstreamBroker broker, RemoteTransport client) : ITransport
{
    private const int MostInFlight = 100_000;

    public TransportCapabilities Capabilities => broker.Capabilities;

    public async ValueTask RegisterAsync(string eventName, EventOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.GetSet().Select(static o => o.ToString()).FirstOrDefault() is { } option)
        {
            throw BrokerErrors.OptionNotSupported(
                "remote", JsonNamingPolicy.SnakeCaseLower.ConvertName(option), "register the event at the broker behind");
        }

        if (!await CallAsync(() => client.RegisterAsync(eventName, cancellationToken)))
        {
            throw BrokerErrors.EventAlreadyRegistered();
        }
    }

    public async ValueTask UnregisterAsync(string eventName, CancellationToken cancellationToken) =>
        await CallAsync(async () =>
        {
            await client.UnregisterAsync(eventName, cancellationToken);
            return true;
        });

    public async ValueTask<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellationToken) =>
        await CallAsync(() => client.ListAsync(cancellationToken));

    // Where it stands the broker behind keeps to itself.
    public async ValueTask<PublishReceipt> PublishAsync(string eventName, TransportMessage message, CancellationToken cancellationToken)
    {
        if (Refusal(message) is { } refusal)
        {
            throw refusal;
        }

        // A message goes on as it came: the client would write the trace of this broker's call into its metadata.
        Activity.Current = null;
        await CallAsync(() => client.PublishAsync(eventName, WireMessages.ToOutgoing(message.Message), cancellationToken));
        return default;
    }

    public async ValueTask PublishAsync(string eventName, PublishBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Activity.Current = null;
        var places = new List<int>(batch.Count);
        var messages = new List<OutgoingMessage>(batch.Count);
        for (var i = 0; i < batch.Count; i++)
        {
            if (Refusal(batch[i]) is { } refusal)
            {
                batch.Fail(i, refusal);
                continue;
            }

            places.Add(i);
            messages.Add(WireMessages.ToOutgoing(batch[i].Message));
        }

        var results = await CallAsync(() => client.PublishBatchAsync(eventName, messages, cancellationToken));
        if (results.Count > 0 && results.All(static r => r.Failure is { } failure && RemoteErrors.ConcernsWholeCall(failure.Code)))
        {
            throw RemoteErrors.Translate(results[0].Failure!);
        }

        for (var i = 0; i < results.Count; i++)
        {
            if (results[i].Failure is { } failure)
            {
                batch.Fail(places[i], RemoteErrors.Translate(failure));
            }
        }
    }

    public async ValueTask<ITransportSubscription> SubscribeAsync(
        string eventName, Sdk.Transports.SubscribeOptions options, ISubscriber subscriber, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(subscriber);
        if (options.ResumeAfter is "")
        {
            // On the wire an empty cursor means none.
            throw new BrokerException(BrokerErrorCode.InvalidArgument, "resume_after is no cursor of this event");
        }

        broker.ThrowIfClosed();

        // Where this broker delivers again by itself, what waits for that is unsettled behind, and takes no room from the rest. The client
        // stays within what the broker behind allows.
        var wanted = broker.Capabilities.Has(TransportCapability.Redelivery) ? options.MaxInFlight : MostInFlight;
        return await RemoteSubscription.OpenAsync(broker, client, eventName, options, wanted, subscriber, cancellationToken);
    }

    public ValueTask<TransportHealth> CheckHealthAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException("a view has no health of its own");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // The contract between brokers has no word for either.
    private static BrokerException? Refusal(in TransportMessage message) =>
        message.OrderingKey is not null
            ? BrokerErrors.OptionNotSupported("remote", "ordering_key", "it can't be passed on to the broker behind")
            : message.DueTime is not null
                ? BrokerErrors.OptionNotSupported("remote", "due_time", "it can't be passed on to the broker behind")
                : null;

    private async ValueTask<T> CallAsync<T>(Func<Task<T>> call)
    {
        broker.ThrowIfClosed();
        try
        {
            var result = await call();
            broker.Reach.Worked();
            return result;
        }
        catch (EventBrokerException exception)
        {
            broker.Reach.Failed(exception);
            throw RemoteErrors.Translate(exception);
        }
        catch (ArgumentException exception)
        {
            // The client takes nothing that can't be sent, such as a source with a control character.
            throw new BrokerException(BrokerErrorCode.InvalidArgument, exception.Message, exception);
        }
        catch (ObjectDisposedException) when (broker.IsClosed)
        {
            throw BrokerErrors.TransportClosed();
        }
    }
}
