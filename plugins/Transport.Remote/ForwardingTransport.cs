using System.Globalization;
using EventBroker.Client;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Remote.Messages;
using EventBroker.Transport.Remote.Settings;
using EventBroker.Transport.Remote.Upstream;
using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Remote;

/// <summary>Another broker as a transport. Whatever a caller asks for is asked of that broker in the caller's name.</summary>
internal sealed class ForwardingTransport : ICallerTransport
{
    private readonly RemoteTransport _own;

    // Without the broker's own token, which must not go along with what a caller brings.
    private readonly RemoteTransport _bare;
    private readonly UpstreamBroker _broker;
    private readonly ForwardingView _ownView;
    private readonly CallerCredentials _credentials;
    private readonly string _address;

    private ForwardingTransport(RemoteTransport own, RemoteTransport bare, RemoteSettings settings, UpstreamBroker broker)
    {
        _own = own;
        _bare = bare;
        _broker = broker;
        _ownView = new ForwardingView(broker, own);
        _credentials = new CallerCredentials(settings);
        _address = settings.Address!.GetLeftPart(UriPartial.Authority);
    }

    public TransportCapabilities Capabilities => _broker.Capabilities;

    public static async Task<ForwardingTransport> StartAsync(
        RemoteSettings settings, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var loggers = new ContextLoggerFactory(logger);
        var own = new RemoteTransport(ClientOptions.Create(settings, time, withToken: true), loggers, time);
        var bare = settings.Token is null && settings.TokenFile is null
            ? own
            : new RemoteTransport(ClientOptions.Create(settings, time, withToken: false), loggers, time);
        try
        {
            var health = await UpstreamGreeting.AskAsync(own, settings, time, logger, cancellationToken);
            var address = settings.Address!.ToString();
            RemoteLog.Started(logger, address, health.Message);
            var capabilities = UpstreamCapabilities.Read(health.Details, (int)settings.MaxMessageBytes.Bytes);
            if (capabilities is null)
            {
                RemoteLog.CapabilitiesUnknown(logger, address);
                capabilities = UpstreamCapabilities.Conservative((int)settings.MaxMessageBytes.Bytes);
            }

            var broker = new UpstreamBroker(capabilities, new Reach(address, time, logger), settings.Retries, time, logger);
            return new ForwardingTransport(own, bare, settings, broker);
        }
        catch
        {
            await own.DisposeAsync();
            await bare.DisposeAsync();
            throw;
        }
    }

    public ITransport For(Caller caller)
    {
        if (_broker.IsClosed || _credentials.Read(caller) is not { } headers)
        {
            return this;
        }

        return new ForwardingView(_broker, _bare.WithHeaders(headers));
    }

    public ValueTask RegisterAsync(string eventName, EventOptions options, CancellationToken cancellationToken) =>
        _ownView.RegisterAsync(eventName, options, cancellationToken);

    public ValueTask UnregisterAsync(string eventName, CancellationToken cancellationToken) =>
        _ownView.UnregisterAsync(eventName, cancellationToken);

    public ValueTask<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellationToken) => _ownView.ListAsync(cancellationToken);

    public ValueTask<PublishReceipt> PublishAsync(string eventName, TransportMessage message, CancellationToken cancellationToken) =>
        _ownView.PublishAsync(eventName, message, cancellationToken);

    public ValueTask PublishAsync(string eventName, PublishBatch batch, CancellationToken cancellationToken) =>
        _ownView.PublishAsync(eventName, batch, cancellationToken);

    public ValueTask<ITransportSubscription> SubscribeAsync(
        string eventName, Sdk.Transports.SubscribeOptions options, ISubscriber subscriber, CancellationToken cancellationToken) =>
        _ownView.SubscribeAsync(eventName, options, subscriber, cancellationToken);

    public async ValueTask<TransportHealth> CheckHealthAsync(CancellationToken cancellationToken)
    {
        var details = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["address"] = _address,
            ["subscriptions"] = _broker.SubscriptionCount.ToString(CultureInfo.InvariantCulture),
        };
        var start = _broker.Time.GetTimestamp();
        try
        {
            _broker.ThrowIfClosed();
            var health = await _own.CheckHealthAsync(cancellationToken);
            _broker.Reach.Worked();
            details["latency"] = _broker.Time.GetElapsedTime(start).TotalMilliseconds.ToString("0.###", CultureInfo.InvariantCulture) + "ms";
            details["broker"] = health.Status.ToString().ToLowerInvariant();
            return Report(Worst(health.Status), health.Status == BrokerHealthStatus.Healthy ? "" : "the broker behind: " + health.Message);
        }
        catch (Exception exception) when (_broker.IsClosed && exception is (BrokerException or ObjectDisposedException or EventBrokerException))
        {
            return Report(TransportHealthStatus.Unhealthy, BrokerErrors.TransportClosed().Message);
        }
        catch (EventBrokerException exception)
        {
            _broker.Reach.Failed(exception);
            return Report(TransportHealthStatus.Unhealthy, RemoteErrors.Translate(exception).Message);
        }

        TransportHealth Report(TransportHealthStatus status, string message)
        {
            details["connection"] = _own.State.ToString().ToLowerInvariant();
            return new TransportHealth { Status = status, Message = message, Details = details };
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (await _broker.TryCloseAsync())
        {
            await _own.DisposeAsync();
            await _bare.DisposeAsync();
        }
    }

    private static TransportHealthStatus Worst(BrokerHealthStatus status) => status switch
    {
        BrokerHealthStatus.Healthy => TransportHealthStatus.Healthy,
        BrokerHealthStatus.Unhealthy => TransportHealthStatus.Unhealthy,
        _ => TransportHealthStatus.Degraded,
    };
}
