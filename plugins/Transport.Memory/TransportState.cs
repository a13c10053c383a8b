using System.Diagnostics.Metrics;
using EventBroker.Transport.Memory.Places;
using EventBroker.Transport.Memory.Storage;
using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Memory;

/// <summary>What all events of a transport have in common.</summary>
internal sealed class TransportState(string name, MemorySettings settings, TimeProvider clock, Meter meter, ILogger logger)
{
    public string Name => name;

    public MemorySettings Settings => settings;

    public TimeProvider Clock => clock;

    public ILogger Logger => logger;

    public MemoryMetrics Metrics { get; } = new(name, meter);

    /// <summary>Gets the memory of all logs together.</summary>
    public StorageBudget Storage { get; } = new(settings.MaxTotalBytes.Bytes);

    /// <summary>Gets the memory of everything that waits for its redelivery.</summary>
    public WaitingBudget Waiting { get; } = new(settings.MaxWaitingBytes.Bytes);
}
