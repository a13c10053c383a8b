using System.Diagnostics.Metrics;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Transports;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventBroker.Transport.Memory.Tests;

public sealed class MemoryTransportFixture : TransportFixture, IDisposable
{
    private readonly SteppableClock _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly Meter _meter = new("tests");

    public override TimeProvider Clock => _clock;

    public override bool IsEmbedded => true;

    public override TimeSpan LongestPassableTime => TimeSpan.MaxValue;

    public override ValueTask<ITransport> CreateAsync() =>
        ValueTask.FromResult<ITransport>(new MemoryTransport(
            "local", new MemorySettings { MaxMessagesPerEvent = 4_000 }, _clock, _meter, NullLogger.Instance));

    // A process that ends leaves nothing behind.
    public override async ValueTask<ITransport?> RestartAsync(ITransport transport)
    {
        ArgumentNullException.ThrowIfNull(transport);
        await transport.DisposeAsync();
        return await CreateAsync();
    }

    public override ValueTask PassTimeAsync(TimeSpan time)
    {
        _clock.Advance(time);
        return ValueTask.CompletedTask;
    }

    public override ValueTask<bool> StepClockAsync(TimeSpan step)
    {
        _clock.Step(step);
        return ValueTask.FromResult(true);
    }

    public override ValueTask<bool> LoseOldestAsync(ITransport transport, string eventName, int count) =>
        OverflowAsync(transport, eventName, count);

    // Over a transport that keeps 4000.
    internal static async ValueTask<bool> OverflowAsync(ITransport transport, string eventName, int count)
    {
        ArgumentNullException.ThrowIfNull(transport);
        var batch = new PublishBatch();
        for (var i = 0; i < 3_990 + count; i++)
        {
            batch.Add(new TransportMessage(default));
        }

        await transport.PublishAsync(eventName, batch, CancellationToken.None);
        return true;
    }

    public void Dispose() => _meter.Dispose();
}
