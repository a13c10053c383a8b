using System.Diagnostics.Metrics;
using EventBroker.Transport.Nats.Settings;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventBroker.Transport.Nats.Tests;

internal static class NatsTransports
{
    private static readonly Meter Meter = new("tests");

    public static Task<NatsTransport> StartAsync(string address, Action<NatsTransportSettings>? change = null, ILogger? logger = null)
    {
        var settings = new NatsTransportSettings { Servers = [address] };
        change?.Invoke(settings);
        return NatsTransport.StartAsync("nats", settings, TimeProvider.System, Meter, logger ?? NullLogger.Instance, CancellationToken.None);
    }
}
