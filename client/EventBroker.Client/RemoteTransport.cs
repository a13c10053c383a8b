using System.Diagnostics.Metrics;
using EventBroker.Client.Connections;
using EventBroker.Client.Options;
using EventBroker.Client.Publishing;
using EventBroker.Client.Subscribing;
using EventBroker.Protos.Event.V1;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventBroker.Client;

/// <summary>A broker, reached over gRPC: EventBroker or the Go event-server. Make one per broker and keep it; it is safe for
/// concurrent use.</summary>
/// <remarks>Every member throws <see cref="EventBrokerException"/> for what the broker refuses and for what does not reach it, after the
/// retries that the options allow or while the circuit is open, and <see cref="ObjectDisposedException"/> once the transport is disposed. No connection is made before the first call.</remarks>
public sealed partial class RemoteTransport : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly BrokerConnection _connection;
    private readonly CallHeaders _headers;
    private readonly HashSet<Subscriber> _subscribers = [];

    // Closed with this transport; null where it belongs to another one, of which this is a view.
    private readonly BrokerConnection? _own;
    private bool _isDisposed;
    private Task? _closing;

    /// <summary>Initializes a transport.</summary>
    /// <param name="options">How to reach the broker; copied.</param>
    /// <param name="loggerFactory">Where to log; null: nowhere.</param>
    /// <param name="timeProvider">The clock of retries, waits and timeouts; null: the system's.</param>
    /// <param name="meterFactory">Where the meter <c>EventBroker.Client</c> comes from; null: one of the transport's own.</param>
    /// <exception cref="ArgumentException">The options contradict themselves or hold values out of range; all faults are named.</exception>
    public RemoteTransport(
        RemoteTransportOptions options,
        ILoggerFactory? loggerFactory = null,
        TimeProvider? timeProvider = null,
        IMeterFactory? meterFactory = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var snapshot = OptionsSnapshot.Of(options);
        if (RemoteTransportOptionsRules.FindFaults(snapshot) is { Count: > 0 } faults)
        {
            throw new ArgumentException(string.Join("; ", faults), nameof(options));
        }

        _connection = _own = new BrokerConnection(
            snapshot, loggerFactory ?? NullLoggerFactory.Instance, timeProvider ?? TimeProvider.System, meterFactory);
        _headers = new CallHeaders(snapshot);
        _ownMessages = new SharedPublishing(_connection, _headers, source: null);
    }

    private RemoteTransport(BrokerConnection connection, CallHeaders headers)
    {
        _connection = connection;
        _headers = headers;
        _ownMessages = new SharedPublishing(connection, headers, source: null);
    }

    /// <summary>Raised when <see cref="State"/> changes, in the order of the changes, one at a time, on the thread pool.</summary>
    public event EventHandler<ConnectionStateChangedEventArgs>? StateChanged
    {
        add => _connection.Monitor.Changed += value;
        remove => _connection.Monitor.Changed -= value;
    }

    /// <summary>Gets the state of the connection. True to the sockets: connected only after an answer over one that is still open.</summary>
    public ConnectionState State => _connection.Monitor.State;

    /// <summary>Makes a view of this transport that sends other headers, such as the credentials of the user on whose behalf it acts. It
    /// shares the connection; an <c>authorization</c> among the headers replaces the token provider.</summary>
    /// <param name="headers">Headers to add to those of the options, or to replace them with.</param>
    /// <exception cref="ArgumentException">A name or a value that no header takes.</exception>
    /// <returns>The view. Disposing it ends its own subscriptions and not the connection.</returns>
    public RemoteTransport WithHeaders(IReadOnlyDictionary<string, string> headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        ThrowIfDisposed();
        return new RemoteTransport(_connection, _headers.With(headers));
    }

    /// <summary>Asks the broker how it is; a round trip that also makes the connection. Needs no authorization.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What the broker says.</returns>
    public async Task<BrokerHealth> CheckHealthAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        var response = await _connection.CallAsync(
            static (connection, request, options) => connection.Events.HealthAsync(request, options),
            new HealthRequest(),
            _headers,
            cancellationToken).ConfigureAwait(false);
        return new BrokerHealth((BrokerHealthStatus)(int)response.Status, response.Message, response.Details);
    }

    /// <summary>Ends all subscriptions, sends the settlements that were made, and closes the connection.</summary>
    /// <returns>A task that ends when all is closed.</returns>
    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _isDisposed = true;
            return new ValueTask(_closing ??= CloseAsync([.. _subscribers]));
        }
    }

    // For the event bus, which shares its clock, its meter and its log.
    internal BrokerConnection Connection => _connection;

    internal void Forget(Subscriber subscriber)
    {
        lock (_lock)
        {
            _subscribers.Remove(subscriber);
        }
    }

    private async Task CloseAsync(Subscriber[] open)
    {
        // All at once, since over a silent connection each waits for its answers as long as it may.
        await Task.WhenAll(open.Select(static subscriber => Task.Run(async () => await subscriber.DisposeAsync().ConfigureAwait(false))))
            .ConfigureAwait(false);
        _ownMessages.Dispose();
        foreach (var shared in _othersMessages.Values)
        {
            shared.Dispose();
        }

        _own?.Dispose();
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed, this);
}
