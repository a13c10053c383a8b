using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Local.Places;

/// <summary>Remembers an event's places beyond the process. A transport that forgets them has none.</summary>
internal interface IPlaceStore
{
    /// <summary>Begins to remember a place. Called under the event's lock.</summary>
    /// <param name="kind">Whose place.</param>
    /// <param name="name">The group or consumer id.</param>
    /// <param name="begin">The first message that the place delivers.</param>
    /// <param name="options">What the members have to agree on; null if nobody has said.</param>
    /// <param name="made">Ends when the place is remembered.</param>
    /// <returns>What is told of everything that happens to the place.</returns>
    IPlaceJournal Make(PlaceKind kind, string name, ulong begin, GroupOptions? options, out Task made);
}
