using EventBroker.Nats.Connections;
using EventBroker.Sdk.Errors;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace EventBroker.Transport.JetStream;

/// <summary>Calls of JetStream's own API, with their failures in this broker's terms.</summary>
internal sealed class JetStreamApi
{
    private readonly NatsLink _link;
    private readonly NatsJSContext _context;

    public JetStreamApi(NatsLink link, string? domain)
    {
        _link = link;
        var options = domain is null ? new NatsJSOpts(link.Connection.Opts) : new NatsJSOpts(link.Connection.Opts, domain: domain);
        _context = new NatsJSContext(link.Connection, options);
        Prefix = options.Prefix;
    }

    /// <summary>Gets the beginning of the API's subjects.</summary>
    public string Prefix { get; }

    /// <summary>Calls, and waits a moment for the connection where there is none.</summary>
    /// <exception cref="BrokerException">What the servers refused, or that they did not answer.</exception>
    /// <exception cref="NatsJSApiException">A refusal that the caller said it knows.</exception>
    public async ValueTask<T> CallAsync<T>(
        Func<NatsJSContext, CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken, params int[] known)
    {
        await _link.EnsureOpenAsync(cancellationToken);
        try
        {
            return await call(_context, cancellationToken);
        }
        catch (NatsJSApiException exception) when (!known.Contains(exception.Error.ErrCode))
        {
            throw JetStreamErrors.Translate(exception.Error, exception);
        }
        catch (Exception exception) when (exception is not NatsJSApiException && Translate(exception, cancellationToken) is not null)
        {
            throw Translate(exception, cancellationToken)!;
        }
    }

    /// <summary>Calls for something that may not be there.</summary>
    /// <returns>Null if it is not.</returns>
    public async ValueTask<T?> FindAsync<T>(Func<NatsJSContext, CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await CallAsync(call, cancellationToken, JetStreamErrors.StreamNotFound, JetStreamErrors.ConsumerNotFound);
        }
        catch (NatsJSApiException)
        {
            return null;
        }
    }

    private BrokerException? Translate(Exception exception, CancellationToken cancellationToken) => exception switch
    {
        OperationCanceledException when cancellationToken.IsCancellationRequested => null,
        ObjectDisposedException or NatsException or OperationCanceledException or TimeoutException when _link.IsClosed => BrokerErrors.TransportClosed(),
        NatsNoRespondersException or NatsJSApiNoResponseException or NatsJSPublishNoResponseException when _link.IsOpen =>
            new BrokerException(BrokerErrorCode.Unavailable, JetStreamErrors.NoJetStream, exception),
        NatsException or OperationCanceledException or TimeoutException when _link.IsOpen =>
            new BrokerException(BrokerErrorCode.DeadlineExceeded, "NATS did not answer in time", exception),
        NatsException or OperationCanceledException or TimeoutException or ObjectDisposedException => _link.Unreachable(exception),
        _ => null,
    };
}
