using System.Diagnostics.Metrics;
using EventBroker.Sdk.Plugins;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Remote.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventBroker.Transport.Remote.Tests.Hosting;

// Transports as the host gets them: from the plugin, started.
internal static class RemoteTransports
{
    public static async Task<ICallerTransport> StartAsync(
        Uri address, Action<RemoteSettings>? settings = null, TimeProvider? time = null, ILogger? logger = null)
    {
        var chosen = new RemoteSettings { Address = address };
        settings?.Invoke(chosen);
        ITransportPlugin plugin = new RemoteTransportPlugin();
        var context = new PluginContext
        {
            Name = "remote",
            Directory = AppContext.BaseDirectory,
            Services = new ServiceCollection().BuildServiceProvider(),
            Logger = logger ?? NullLogger.Instance,
            Meter = new Meter("tests"),
            TimeProvider = time ?? TimeProvider.System,
        };
        return (ICallerTransport)await plugin.CreateAsync(chosen, context, CancellationToken.None);
    }
}
