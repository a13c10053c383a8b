using EventBroker.Client.Diagnostics;
using EventBroker.Client.Publishing;
using EventBroker.Protos.Event.V1;

namespace EventBroker.Client;

// To the broker.
public sealed partial class RemoteTransport
{
    /// <summary>Publishes a message.</summary>
    /// <param name="eventName">The event.</param>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Gives up; the message may be published all the same.</param>
    /// <returns>The message's id, once the broker's transport has accepted the message.</returns>
    /// <exception cref="ArgumentException">The source holds a control character.</exception>
    /// <exception cref="EventBrokerException">NOT_FOUND: no such event; RESOURCE_EXHAUSTED: too large; a denial; or no attempt got through:
    /// then the message may be published all the same, and publishing it again under the same id lets a transport that deduplicates drop the copy.</exception>
    public Task<string> PublishAsync(string eventName, OutgoingMessage message, CancellationToken cancellationToken = default) =>
        PublishMessageAsync(eventName, message, isTraced: true, cancellationToken);

    // Without a trace the message goes as it is, not a byte larger.
    internal async Task<string> PublishMessageAsync(string eventName, OutgoingMessage message, bool isTraced, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(eventName);
        ArgumentNullException.ThrowIfNull(message);
        ThrowIfDisposed();
        using var activity = ClientTracing.StartPublish(eventName);
        var start = _connection.Metrics.MeasuresPublish ? _connection.Time.GetTimestamp() : 0;
        string? error = null;
        try
        {
            var request = WireMessages.ToRequest(eventName, message, isTraced, _connection.Options.MaxMessageBytes);
            activity?.SetTag("messaging.message.id", request.Id);
            var response = await _connection.CallAsync(
                static (connection, request, options) => connection.Events.PublishAsync(request, options),
                request,
                _headers,
                cancellationToken,
                message.Source).ConfigureAwait(false);
            return response.Id;
        }
        catch (Exception exception)
        {
            error = exception is EventBrokerException known ? known.Code.ToString() : exception.GetType().Name;
            ClientTracing.Failed(activity, exception);
            throw;
        }
        finally
        {
            _connection.Metrics.Published(eventName, error);
            if (start != 0)
            {
                _connection.Metrics.MeasurePublish(eventName, _connection.Time.GetElapsedTime(start), error);
            }
        }
    }

    /// <summary>Publishes several messages of one event in few calls, in their order. Each succeeds or fails on its own; a later one may
    /// be published although an earlier one failed. But once the broker was out of reach in all attempts of a call, the rest is not sent and fails with
    /// it. Against the Go event-server, which has no such call, they are published one by one.</summary>
    /// <param name="eventName">The event.</param>
    /// <param name="messages">The messages; those in a row with the same <see cref="OutgoingMessage.Source"/> share a call.</param>
    /// <param name="cancellationToken">Gives up; messages may be published all the same.</param>
    /// <returns>What became of each, in their order.</returns>
    /// <exception cref="ArgumentException">A source holds a control character; nothing was sent.</exception>
    public async Task<IReadOnlyList<PublishResult>> PublishBatchAsync(
        string eventName, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(eventName);
        ArgumentNullException.ThrowIfNull(messages);
        ThrowIfDisposed();
        using var activity = ClientTracing.StartPublish(eventName);
        activity?.SetTag("messaging.batch.message_count", messages.Count);
        var batch = new PublishBatch(_connection, _headers, eventName, messages);
        return await batch.SendAsync(cancellationToken).ConfigureAwait(false);
    }
}
