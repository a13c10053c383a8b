using System.Collections.Concurrent;
using System.Diagnostics;
using Benchmarks.Measuring;

namespace HostileClient.Good;

/// <summary>The messages that one subscriber got.</summary>
internal sealed class Received(StallWatch stalls)
{
    private readonly ConcurrentDictionary<int, bool> _numbers = new();

    public Latencies Latencies { get; } = new();

    public bool Has(int number) => _numbers.ContainsKey(number);

    /// <summary>Counts a message. By what this process itself was late does not count, and one that comes again says nothing of latency.</summary>
    public void Add(ReadOnlySpan<byte> payload)
    {
        var now = Stopwatch.GetTimestamp();
        var (number, sent) = Stamp.Read(payload);
        if (!_numbers.TryAdd(number, true))
            return;

        var latency = Stopwatch.GetElapsedTime(sent, now) - stalls.LostBetween(sent, now);
        Latencies.Add(latency < TimeSpan.Zero ? TimeSpan.Zero : latency);
    }
}
