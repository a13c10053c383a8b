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

    public static string ToConsumer(PlaceKind kind, string name)
    {
        // A dot is not allowed, and = is in neither alphabet.
        if (name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            return (kind == PlaceKind.WorkerGroup ? Group : Id) + name.Replace('.', '=');
        }

        return Hashed + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
    }

    public static PlaceKind? KindOf(string consumer) =>
        consumer.StartsWith(Group, StringComparison.Ordinal) ? PlaceKind.WorkerGroup
        : consumer.StartsWith(Id, StringComparison.Ordinal) || consumer.StartsWith(Hashed, StringComparison.Ordinal) ? PlaceKind.ConsumerId
        : null;
}
