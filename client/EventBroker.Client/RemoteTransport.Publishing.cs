using System.Collections.Concurrent;
using EventBroker.Client.Diagnostics;
using EventBroker.Client.Publishing;
using EventBroker.Protos.Broker.V1;

namespace EventBroker.Client;

// To the broker.
public sealed partial class RemoteTransport
{
    // A gateway has many publishers; those that come later have calls of their own.
    private const int MostPublishers = 16;

    private readonly SharedPublishing _ownMessages;
    private readonly ConcurrentDictionary<string, SharedPublishing> _othersMessages = new(StringComparer.Ordinal);

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

    internal async Task<string> PublishMessageAsync(string eventName, OutgoingMessage message, bool isTraced, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(eventName);
        ArgumentNullException.ThrowIfNull(message);
        ThrowIfDisposed();
        using var activity = ClientTracing.StartPublish(eventName, _connection.Options.Address!);
        var start = _connection.Metrics.MeasuresPublish ? _connection.Time.GetTimestamp() : 0;
        string? error = null;
        var shared = SharedBy(message.Source);
        shared?.Enter();
        try
        {
            var item = WireMessages.ToItem(eventName, message, isTraced, out var atMost);
            if (WireMessages.FindFault(item, atMost, _connection) is { } fault)
            {
                throw fault;
            }

            activity?.SetTag("messaging.message.id", item.Id);
            return await _connection.RunAsync(
                static (state, token) => state.Self.AttemptAsync(state.item, state.atMost, state.Source, state.shared, token),
                (Self: this, item, atMost, message.Source, shared),
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            error = exception is EventBrokerException known ? known.Code.ToString() : exception.GetType().Name;
            ClientTracing.Failed(activity, exception);
            throw;
        }
        finally
        {
            shared?.Leave();
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
        using var activity = ClientTracing.StartPublish(eventName, _connection.Options.Address!);
        activity?.SetTag("messaging.batch.message_count", messages.Count);
        var batch = new PublishBatch(_connection, _headers, eventName, messages);
        var results = await batch.SendAsync(cancellationToken).ConfigureAwait(false);
        if (activity is not null && results.Count(static result => result.Failure is not null) is var failed and > 0)
        {
            ClientTracing.Failed(activity, failed, results.Length, results.First(static result => result.Failure is not null).Failure!.Code.ToString());
        }

        return results;
    }

    private async ValueTask<string> AttemptAsync(
        PublishItem item, int atMost, string? source, SharedPublishing? shared, CancellationToken cancellationToken)
    {
        if (shared is not null && await shared.TryPublishAsync(item, atMost, cancellationToken).ConfigureAwait(false))
        {
            return item.Id;
        }

        var response = await _connection.AttemptAsync(
            static (connection, item, options) => connection.Invoker.AsyncUnaryCall(PublishMethods.Alone, host: null, options, item),
            item,
            _headers,
            source,
            cancellationToken).ConfigureAwait(false);
        return response.Id;
    }

    // Null where there are too many publishers to give each a stream.
    private SharedPublishing? SharedBy(string? source)
    {
        if (!_connection.Options.ShareCalls)
        {
            return null;
        }

        if (source is null)
        {
            return _ownMessages;
        }

        return _othersMessages.TryGetValue(source, out var shared) ? shared
            : _othersMessages.Count >= MostPublishers ? null
            : _othersMessages.GetOrAdd(source, static (source, self) => new SharedPublishing(self._connection, self._headers, source), this);
    }
}
