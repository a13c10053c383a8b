using System.Security.Cryptography;
using System.Text;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.JetStream.Names;

/// <summary>Worker groups and consumer ids as names of durable consumers. A name that a consumer can't have becomes its hash, and the
/// description keeps the name itself (<see cref="Places.PlaceNote"/>).</summary>
internal static class ConsumerNames
{
    private const string Group = "g=";
    private const string Id = "c=";
    private const string Hashed = "h=";
    private const string HashedGroup = "g=#";

    // The servers take 255 characters.
    private const int LongestName = 240;

    /// <summary>Names a place's consumer.</summary>
    /// <param name="kind">Whose place it is.</param>
    /// <param name="name">The worker group or consumer id.</param>
    /// <param name="eventName">The event, where its stream carries others, too; null where it doesn't.</param>
    /// <returns>The name, the same for all hosts.</returns>
    public static string ToConsumer(PlaceKind kind, string name, string? eventName = null)
    {
        // A dot is not allowed, and = and @ are in neither alphabet.
        var own = eventName is null ? name : $"{name}@{eventName}";
        if (name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && own.Length <= LongestName)
        {
            return (kind == PlaceKind.WorkerGroup ? Group : Id) + own.Replace('.', '=');
        }

        return (kind == PlaceKind.WorkerGroup ? HashedGroup : Hashed) + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(own)));
    }

    public static PlaceKind? KindOf(string consumer) =>
        consumer.StartsWith(Group, StringComparison.Ordinal) ? PlaceKind.WorkerGroup
        : consumer.StartsWith(Id, StringComparison.Ordinal) || consumer.StartsWith(Hashed, StringComparison.Ordinal) ? PlaceKind.ConsumerId
        : null;
}
