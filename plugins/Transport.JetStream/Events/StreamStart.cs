using EventBroker.Sdk.Transports;
using NATS.Client.JetStream.Models;

namespace EventBroker.Transport.JetStream.Events;

/// <summary>Where to begin, and what is said of it.</summary>
internal readonly record struct StreamStart(ulong Next, ResumeOutcome Outcome)
{
    /// <summary>Gets the place of the oldest message that is kept, or of the next one if none is.</summary>
    public static ulong Oldest(StreamState state) => state.Messages == 0 ? state.LastSeq + 1 : Math.Max(state.FirstSeq, 1);
}
