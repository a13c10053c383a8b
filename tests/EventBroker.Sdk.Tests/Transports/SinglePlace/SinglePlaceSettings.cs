namespace EventBroker.Sdk.Tests.Transports.SinglePlace;

/// <summary>What a test wants of a <see cref="SinglePlaceTransport"/>.</summary>
internal sealed class SinglePlaceSettings
{
    /// <summary>Gets how far reading may run ahead of a place.</summary>
    public int MaxUnsettledSpan { get; init; } = 100_000;

    /// <summary>Gets the largest message; null for any.</summary>
    public int? MaxMessageBytes { get; init; }

    /// <summary>Gets how long an id is remembered where an event does not say; null for no deduplication.</summary>
    public TimeSpan? DeduplicationWindow { get; init; }

    /// <summary>Gets the clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Gets what a line of the log is given to.</summary>
    public Action<string> Log { get; init; } = static _ => { };
}
