using HostileClient.Attacker;
using HostileClient.Attacks.Bodies;
using HostileClient.Attacks.Connections;
using HostileClient.Attacks.Mutations;
using HostileClient.Attacks.Streams;

namespace HostileClient.Attacks;

/// <summary>All attacks, in the order in which they are made.</summary>
internal static class AttackCatalog
{
    public static IReadOnlyList<IAttack> All { get; } =
    [
        new SlowHeaders(),
        new SlowBodies(),
        new SlowGrpcBodies(),
        new SilentConnections(),
        new KilledConnections(),
        new RapidResets(),
        new HugeHeaders(),
        new GrpcStreams(),
        new SseStreams(),
        new WebSocketStreams(),
        new JsonBodies(),
        new GzipBombs(),
        new HugeBatches(),
        new AckFlood(),
        new MutatedGrpc(),
        new MutatedRest(),
        new MutatedWebSocket(),
        new MutatedSse(),
    ];

    /// <summary>Returns those whose name contains one of the texts; all if there is none.</summary>
    public static IReadOnlyList<IAttack> Named(IReadOnlyCollection<string> texts) =>
        [.. All.Where(attack => texts.Count == 0 || texts.Any(text => attack.Name.Contains(text, StringComparison.OrdinalIgnoreCase)))];
}
