using Benchmarks.Servers;

namespace HostileClient.Attacker;

/// <summary>One worker's attempt at an attack.</summary>
internal sealed class Turn
{
    public required ServerAddresses Server { get; init; }

    /// <summary>Gets the worker's number, from 0.</summary>
    public required int Worker { get; init; }

    /// <summary>Gets what decides; the same for the same seed, attack and worker.</summary>
    public required Random Random { get; init; }

    /// <summary>Gets the calls over HTTP that attacks share.</summary>
    public required Wire.Calls Calls { get; init; }

    /// <summary>Returns the caller's role: a guest, or nobody.</summary>
    public string Role() => Random.Next(2) == 0 ? Access.Guest : "";
}
