using System.Diagnostics.Metrics;
using EventBroker.Transport.JetStream.Settings;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventBroker.Transport.JetStream.Tests.Hosting;

internal static class JetStreamTransports
{
    private static readonly Meter Meter = new("tests");

    public static Task<JetStreamTransport> StartAsync(string address, Action<JetStreamSettings>? change = null, ILogger? logger = null)
    {
        var settings = new JetStreamSettings { Servers = [address] };
        change?.Invoke(settings);
        return JetStreamTransport.StartAsync("js", settings, TimeProvider.System, Meter, logger ?? NullLogger.Instance, CancellationToken.None);
    }
}
