using EventBroker.Client.Connections;
using EventBroker.Protos.Event.V1;

namespace EventBroker.Client.Subscribing;

/// <summary>Opens the streams of a subscription, with whatever the program has asked for to be done where the broker does not let it at once.</summary>
internal sealed class StreamOpener(Subscriber subscriber, RemoteTransport transport, CallHeaders headers, CancellationToken closing)
{
    private readonly BrokerConnection _connection = subscriber.Connection;
    private readonly SubscribeRequests _requests = new(subscriber);

    /// <summary>Opens a stream.</summary>
    /// <param name="place">Where it is to begin; null for where the program has said.</param>
    /// <param name="isFirst">Whether the program has just asked for it; otherwise the subscription comes back by itself.</param>
    public async ValueTask<SubscriptionStream> OpenAsync(ResumePlace? place, bool isFirst)
    {
        try
        {
            return await OpenWithinLimitAsync(place, isFirst).ConfigureAwait(false);
        }
        catch (EventBrokerException missing) when (missing.Code == ErrorCode.NotFound && subscriber.Options.RegisterMissingEvent)
        {
            await transport.RegisterAsync(subscriber.EventName, closing).ConfigureAwait(false);
            return await OpenWithinLimitAsync(place, isFirst).ConfigureAwait(false);
        }
    }

    // The broker's limit is known from any answer of its, a refusal included.
    private async ValueTask<SubscriptionStream> OpenWithinLimitAsync(ResumePlace? place, bool isFirst)
    {
        var request = _requests.Create(isFirst);
        try
        {
            return await OpenInTimeAsync(request, place).ConfigureAwait(false);
        }
        catch (EventBrokerException refusal)
            when (refusal.Code == ErrorCode.InvalidArgument && request.MaxInFlight > _connection.Limits.MaxInFlight)
        {
            return await OpenInTimeAsync(_requests.Create(isFirst), place).ConfigureAwait(false);
        }
    }

    private async ValueTask<SubscriptionStream> OpenInTimeAsync(SubscribeRequest request, ResumePlace? place)
    {
        place?.Apply(request);
        if (_connection.Options.AttemptTimeout is not { } limit)
        {
            return await SubscriptionStream.OpenAsync(_connection, request, headers, closing).ConfigureAwait(false);
        }

        using var timeout = new CancellationTokenSource(limit, _connection.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, closing);
        try
        {
            return await SubscriptionStream.OpenAsync(_connection, request, headers, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (timeout.IsCancellationRequested && !closing.IsCancellationRequested)
        {
            throw new EventBrokerException(ErrorCode.DeadlineExceeded, $"the broker did not open the stream within {limit}", exception);
        }
    }
}
