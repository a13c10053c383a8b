namespace HostileClient.Attacker;

/// <summary>One way of being a nuisance. What it opens and sends is bounded by the number of its workers and the pause of each.</summary>
internal interface IAttack
{
    string Name { get; }

    /// <summary>Gets how many do it at once.</summary>
    int Workers { get; }

    /// <summary>Gets how long each waits before it does it again.</summary>
    TimeSpan Pause { get; }

    /// <summary>Does it once, or holds on until it is cancelled.</summary>
    /// <returns>In few words, how the broker took it.</returns>
    Task<string> OnceAsync(Turn turn, CancellationToken cancellation);
}
