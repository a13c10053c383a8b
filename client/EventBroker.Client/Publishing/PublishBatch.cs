using EventBroker.Client.Connections;
using EventBroker.Client.Errors;
using EventBroker.Protos.Broker.V1;
using Grpc.Core;

namespace EventBroker.Client.Publishing;

/// <summary>Several messages of one event on their way.</summary>
internal sealed class PublishBatch
{
    // Keeps a call well under what servers and proxies take; more than a few hundred in one gain nothing.
    private const int MaxCallBytes = 1024 * 1024;
    private const int MaxCallMessages = 1000;

    private readonly BrokerConnection _connection;
    private readonly CallHeaders _headers;
    private readonly string _eventName;
    private readonly IReadOnlyList<OutgoingMessage> _messages;
    private readonly PublishItem[] _items;
    private readonly EventBrokerException?[] _failures;
    private readonly bool[] _isAnswered;

    public PublishBatch(
        BrokerConnection connection, CallHeaders headers, string eventName, IReadOnlyList<OutgoingMessage> messages)
    {
        _connection = connection;
        _headers = headers;
        _eventName = eventName;
        _messages = messages;
        _items = new PublishItem[messages.Count];
        _failures = new EventBrokerException?[messages.Count];
        _isAnswered = new bool[messages.Count];
        for (var i = 0; i < _items.Length; i++)
        {
            _items[i] = WireMessages.ToItem(eventName, messages[i], isTraced: true, out _);
        }
    }

    public async Task<PublishResult[]> SendAsync(CancellationToken cancellationToken)
    {
        EventBrokerException? outage = null;
        for (var next = 0; next < _items.Length;)
        {
            var call = NextCall(ref next);
            if (call.Count == 0)
            {
                continue;
            }

            if (outage is null)
            {
                outage = await SendAsync(call, cancellationToken).ConfigureAwait(false);
                if (IsTooMany(call))
                {
                    next = call[0];
                }
            }
            else
            {
                Fail(call, outage);
            }
        }

        var results = new PublishResult[_items.Length];
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = new PublishResult(_items[i].Id, _failures[i]);
        }

        foreach (var outcome in _failures.GroupBy(static failure => failure?.Code))
        {
            _connection.Metrics.Published(_eventName, outcome.Key?.ToString(), outcome.Count());
        }

        return results;
    }

    // As many messages as fit into a call; one that fits into none fails.
    private List<int> NextCall(ref int next)
    {
        var pending = new List<int>();
        var bytes = 0;
        var source = _messages[next].Source;
        var mostMessages = Math.Min(MaxCallMessages, _connection.Limits.MaxItemsPerCall);
        for (; next < _items.Length && pending.Count < mostMessages && _messages[next].Source == source; next++)
        {
            var size = _items[next].CalculateSize();
            if (WireMessages.FindFault(_items[next], size, _connection) is { } fault)
            {
                _failures[next] = fault;
                continue;
            }

            if (pending.Count > 0 && bytes + size > MaxCallBytes)
            {
                break;
            }

            pending.Add(next);
            bytes += size;
        }

        return pending;
    }

    // With what has kept the messages from the broker in all attempts, if that is how it ended: nothing more is worth sending then.
    private async Task<EventBrokerException?> SendAsync(List<int> call, CancellationToken cancellationToken)
    {
        try
        {
            if (!_connection.HasNoBatches)
            {
                var pending = new List<int>(call);
                await _connection.RunAsync(
                    static (state, token) => state.Self.AttemptAsync(state.pending, token),
                    (Self: this, pending),
                    cancellationToken,
                    static failure => failure).ConfigureAwait(false);
            }

            return _connection.HasNoBatches ? await PublishOneByOneAsync(call, cancellationToken).ConfigureAwait(false) : null;
        }
        catch (EventBrokerException exception)
        {
            // What was answered in an earlier attempt keeps its answer.
            Fail(call, exception);
            return !call.Exists(index => _isAnswered[index]) && RpcErrors.IsOutage(exception.Code) ? exception : null;
        }
#pragma warning disable CA1031 // Such as a token provider's own: what other calls have published must be told all the same.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Fail(call, new EventBrokerException(ErrorCode.Unknown, exception.Message, exception));
            return null;
        }
    }

    // Whether the broker takes fewer in a call, and has said so now.
    private bool IsTooMany(List<int> call) =>
        call.Count > _connection.Limits.MaxItemsPerCall && !_isAnswered[call[0]] && _failures[call[0]] is { IsFinal: true };

    private void Fail(List<int> call, EventBrokerException exception)
    {
        foreach (var index in call)
        {
            if (!_isAnswered[index])
            {
                _failures[index] = exception;
            }
        }
    }

    // With a failure of a message that may pass, if there is one; those that have it are left in the list then.
    private async ValueTask<EventBrokerException?> AttemptAsync(List<int> pending, CancellationToken cancellationToken)
    {
        var request = new PublishBatchRequest();
        foreach (var index in pending)
        {
            request.Messages.Add(_items[index]);
        }

        PublishBatchResponse response;
        try
        {
            response = await _connection.AttemptAsync(
                static (connection, message, options) => connection.Broker.PublishBatchAsync(message, options),
                request,
                _headers,
                _messages[pending[0]].Source,
                cancellationToken).ConfigureAwait(false);
        }
        catch (EventBrokerException exception) when (exception.Code == ErrorCode.Unimplemented)
        {
            _connection.HasNoBatches = true;
            return null;
        }

        var sent = pending.ToArray();
        pending.Clear();
        foreach (var index in sent)
        {
            (_isAnswered[index], _failures[index]) = (true, null);
        }

        foreach (var failure in response.Failures)
        {
            var index = sent[(int)failure.Index];
            _failures[index] = new EventBrokerException((ErrorCode)failure.Code, failure.Message) { IsFinal = failure.Final };
            if (_failures[index]!.IsTransient)
            {
                pending.Add(index);
            }
        }

        return pending.Count > 0 ? _failures[pending[0]] : null;
    }

    // Each a call of its own, with its own attempts and their time.
    private async ValueTask<EventBrokerException?> PublishOneByOneAsync(List<int> pending, CancellationToken cancellationToken)
    {
        for (var i = 0; i < pending.Count; i++)
        {
            try
            {
                await _connection.CallAsync(
                    static (connection, message, options) => connection.Invoker.AsyncUnaryCall(PublishMethods.Alone, host: null, options, message),
                    _items[pending[i]],
                    _headers,
                    cancellationToken,
                    _messages[pending[i]].Source).ConfigureAwait(false);
            }
            catch (EventBrokerException exception) when (RpcErrors.IsOutage(exception.Code))
            {
                Fail(pending[i..], exception);
                return exception;
            }
            catch (EventBrokerException exception)
            {
                _failures[pending[i]] = exception;
            }
        }

        return null;
    }
}
