using System.Diagnostics.Metrics;
using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Transports;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventBroker.Transport.Memory.Tests.Hosts;

public sealed class HostOverMemoryConformanceTests : TransportConformanceTests<HostOverMemoryConformanceTests.Hosts>
{
    public sealed class Hosts : TransportFixture, IAsyncDisposable
    {
        private readonly SteppableClock _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        private readonly Meter _meter = new("tests");
        private readonly MemoryTransport _backend;

        public Hosts() => _backend = new MemoryTransport("backend", new MemorySettings { MaxMessagesPerEvent = 4_000 }, _clock, _meter, NullLogger.Instance);

        public override TimeProvider Clock => _clock;

        public override TimeSpan LongestPassableTime => TimeSpan.MaxValue;

        public override ValueTask<ITransport> CreateAsync() => new(new HostOverMemory(_backend));

        public override ValueTask<ITransport?> CreateSecondAsync() => new(new HostOverMemory(_backend));

        public override async ValueTask<ITransport?> RestartAsync(ITransport transport)
        {
            ArgumentNullException.ThrowIfNull(transport);
            await transport.DisposeAsync();
            return new HostOverMemory(_backend);
        }

        public override ValueTask PassTimeAsync(TimeSpan time)
        {
            _clock.Advance(time);
            return default;
        }

        public override ValueTask<bool> StepClockAsync(TimeSpan step)
        {
            _clock.Step(step);
            return new(true);
        }

        public override ValueTask<bool> LoseOldestAsync(ITransport transport, string eventName, int count) =>
            MemoryTransportFixture.OverflowAsync(transport, eventName, count);

        public async ValueTask DisposeAsync()
        {
            await _backend.DisposeAsync();
            _meter.Dispose();
        }
    }
}
