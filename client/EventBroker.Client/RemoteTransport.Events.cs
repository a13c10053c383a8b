using EventBroker.Protos.Event.V1;

namespace EventBroker.Client;

// What exists.
public sealed partial class RemoteTransport
{
    /// <summary>Registers an event unless it exists.</summary>
    /// <param name="eventName">1 to 200 characters out of <c>A-Z a-z 0-9 . _ -</c>, not beginning with <c>.</c> or <c>-</c>.</param>
    /// <param name="cancellationToken">Gives up; the event may exist afterwards all the same.</param>
    /// <returns>Whether it was registered by this call; it can be published to in any case. When the call was retried, it may have been its own
    /// first attempt that did it.</returns>
    /// <exception cref="EventBrokerException">INVALID_ARGUMENT, a denial, or the broker is out of reach.</exception>
    public async Task<bool> RegisterAsync(string eventName, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(eventName);
        ThrowIfDisposed();
        try
        {
            await _connection.CallAsync(
                static (connection, request, options) => connection.Events.RegisterEventAsync(request, options),
                new RegisterEventRequest { Name = eventName },
                _headers,
                cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (EventBrokerException exception) when (exception.Code == ErrorCode.AlreadyExists)
        {
            return false;
        }
    }

    /// <summary>Removes an event with its messages and ends its subscriptions.</summary>
    /// <param name="eventName">The event.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A task that ends when the event is gone.</returns>
    /// <exception cref="EventBrokerException">NOT_FOUND, a denial, or the broker is out of reach.</exception>
    public async Task UnregisterAsync(string eventName, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(eventName);
        ThrowIfDisposed();
        await _connection.CallAsync(
            static (connection, request, options) => connection.Events.UnregisterEventAsync(request, options),
            new UnregisterEventRequest { Name = eventName },
            _headers,
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lists the events, sorted by ordinal.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The names.</returns>
    /// <exception cref="EventBrokerException">A denial, a transport that can't list, or the broker is out of reach.</exception>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        var response = await _connection.CallAsync(
            static (connection, request, options) => connection.Events.ListEventsAsync(request, options),
            new ListEventsRequest(),
            _headers,
            cancellationToken).ConfigureAwait(false);
        return response.Events;
    }
}
