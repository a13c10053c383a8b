using System.Diagnostics.Metrics;
using EventBroker.Sdk.Plugins;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Plugins.Tests;

internal static class PluginStarter
{
    public static PluginContext Context(ILogger? logger = null) => new()
    {
        Name = "test",
        Directory = AppContext.BaseDirectory,
        Services = new ServiceCollection().BuildServiceProvider(),
        Logger = logger ?? NullLogger.Instance,
        Meter = new Meter("test"),
        TimeProvider = new FakeTimeProvider(),
    };
}
