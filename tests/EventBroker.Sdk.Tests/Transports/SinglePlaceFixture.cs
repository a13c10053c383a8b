using EventBroker.Sdk.Conformance.Transports;
using EventBroker.Sdk.Tests.Transports.SinglePlace;
using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Tests.Transports;

public class SinglePlaceFixture : TransportFixture
{
    private readonly SteppableClock _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly SinglePlaceStorage _storage = new();
    private int _logLines;

    public override TimeProvider Clock => _clock;

    public override TimeSpan LongestPassableTime => TimeSpan.MaxValue;

    public override int ManyMessages => 10_000;

    public override ValueTask<ITransport> CreateAsync() => new(Create());

    public override ValueTask<ITransport?> CreateSecondAsync() => new(Create());

    public override async ValueTask<ITransport?> RestartAsync(ITransport transport)
    {
        await transport.DisposeAsync();
        return Create();
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

    public override ValueTask<bool> TakeLeasesAsync(ITransport transport, string eventName, PlaceKind kind, string name)
    {
        Assert.NotEqual(0, ((SinglePlaceTransport)transport).Revoke(eventName, kind, name));
        return new(true);
    }

    public override ValueTask<bool> SetReachableAsync(ITransport transport, bool isReachable)
    {
        ((SinglePlaceTransport)transport).SetReachable(isReachable);
        return new(true);
    }

    public override int? CountLogLines() => Volatile.Read(ref _logLines);

    protected virtual TimeSpan? DeduplicationWindow => null;

    protected virtual int? MaxMessageBytes => null;

    private SinglePlaceTransport Create() => new(_storage, new SinglePlaceSettings
    {
        DeduplicationWindow = DeduplicationWindow,
        MaxMessageBytes = MaxMessageBytes,
        Time = _clock,
        Log = _ => Interlocked.Increment(ref _logLines),
    });
}
