using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Kafka.Topics;

/// <summary>The consumer groups of worker groups and consumer ids: prefix, kind, event and name with colons between, of which an event's name has none.</summary>
internal sealed class GroupNames(string prefix)
{
    public string Format(PlaceKind kind, string eventName, string name) => Prefix(kind, eventName) + name;

    /// <summary>Gets how the groups of an event begin.</summary>
    public string Prefix(PlaceKind kind, string eventName) => $"{prefix}{(kind == PlaceKind.WorkerGroup ? 'g' : 'c')}:{eventName}:";

    /// <summary>Finds the place whose group it is.</summary>
    public bool TryParse(string group, string eventName, out PlaceKind kind, out string name)
    {
        foreach (var one in (PlaceKind[])[PlaceKind.WorkerGroup, PlaceKind.ConsumerId])
        {
            var begin = Prefix(one, eventName);
            if (group.StartsWith(begin, StringComparison.Ordinal))
            {
                (kind, name) = (one, group[begin.Length..]);
                return true;
            }
        }

        (kind, name) = (default, "");
        return false;
    }
}
