using System.Text;
using EventBroker.Protos.Event.V1;
using Google.Protobuf;
using HostileClient.Attacker;
using HostileClient.Wire;

namespace HostileClient.Attacks.Streams;

/// <summary>What the floods of streams share: one worker publishes to subscribers who never read.</summary>
internal static class Flood
{
    private static readonly ByteString Payload = ByteString.CopyFrom(Encoding.ASCII.GetBytes(new string('a', 16 * 1024)));

    /// <summary>Publishes a message of 16 KiB to the event that the floods subscribe to.</summary>
    public static Task<string> PublishAsync(Turn turn, CancellationToken cancellation) =>
        turn.Calls.GrpcAsync(Methods.Publish, new PublishRequest { Event = Access.FloodEvent, Payload = Payload }, Access.Guest, cancellation);
}
