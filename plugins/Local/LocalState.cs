using System.Diagnostics.Metrics;
using EventBroker.Transport.Local.Places;
using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Local;

/// <summary>What all events of a transport have in common.</summary>
/// <param name="name">The transport's name, for errors and metrics.</param>
/// <param name="plugin">The plugin's id, for errors and metrics.</param>
/// <param name="limits">What is kept of places.</param>
/// <param name="clock">The clock.</param>
/// <param name="meter">The plugin's meter.</param>
/// <param name="logger">The logger.</param>
internal sealed class LocalState(string name, string plugin, PlaceLimits limits, TimeProvider clock, Meter meter, ILogger logger)
{
    public string Name => name;

    public string Plugin => plugin;

    public PlaceLimits Limits => limits;

    public TimeProvider Clock => clock;

    public ILogger Logger => logger;

    public LocalMetrics Metrics { get; } = new(name, plugin, meter);

    /// <summary>Gets the memory of everything that waits for its redelivery.</summary>
    public WaitingBudget Waiting { get; } = new(limits.MaxWaitingBytes);
}
