using EventBroker.Sdk.Messages;

namespace EventBroker.Sdk.Tests.Transports.SinglePlace;

/// <summary>The ids of an event that are remembered, with where their messages stand. Used under the storage's lock.</summary>
internal sealed class SinglePlaceIds(TimeSpan window, TimeProvider time)
{
    private readonly Dictionary<string, (Position Position, long Since)> _ids = new(StringComparer.Ordinal);

    /// <summary>Looks up an id, and remembers it if it is new.</summary>
    /// <returns>Where the first message with it stands; null if this is the first.</returns>
    public Position? Find(string id, Position position)
    {
        if (_ids.TryGetValue(id, out var first) && time.GetElapsedTime(first.Since) < window)
        {
            return first.Position;
        }

        _ids[id] = (position, time.GetTimestamp());
        return null;
    }
}
