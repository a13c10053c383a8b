using Microsoft.Extensions.Time.Testing;

namespace EventBroker.Sdk.Conformance.Transports;

/// <summary>A clock that stands still until a test advances it, and whose wall time can be set forward and back as an operator or a time
/// server does: timestamps and timers take no notice of that.</summary>
public sealed class SteppableClock : FakeTimeProvider
{
    private long _step;

    /// <summary>Initializes a clock.</summary>
    /// <param name="start">The time that it shows at first.</param>
    public SteppableClock(DateTimeOffset start)
        : base(start)
    {
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Volatile.Read(ref _step));

    /// <inheritdoc/>
    public override long GetTimestamp() => base.GetUtcNow().UtcTicks;

    /// <summary>Sets the wall time without letting time pass.</summary>
    /// <param name="step">How far; negative for back.</param>
    public void Step(TimeSpan step) => Interlocked.Add(ref _step, step.Ticks);
}
