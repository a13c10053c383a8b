using HostileClient.Good;

namespace HostileClient.Measuring;

/// <summary>What was seen in one second of the run.</summary>
internal sealed class Second
{
    /// <summary>Gets the time since the run began, in seconds.</summary>
    public required double At { get; init; }

    /// <summary>Gets the attack under way; empty for none.</summary>
    public required string Attack { get; init; }

    public required ProcessMemory Memory { get; init; }

    /// <summary>Gets how much of one core the broker has used, in per cent.</summary>
    public required double Cpu { get; init; }

    /// <summary>Gets how many milliseconds its threads have waited for a core, all together.</summary>
    public required double Waited { get; init; }

    /// <summary>Gets what the good client has met, in the order in which it names what it measures.</summary>
    public required IReadOnlyList<LatencyFigures> Latencies { get; init; }
}
