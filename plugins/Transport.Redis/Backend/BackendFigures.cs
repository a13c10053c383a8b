namespace EventBroker.Transport.Redis.Backend;

/// <summary>What a server says of itself.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Mode">standalone, cluster or sentinel.</param>
/// <param name="Role">master or slave, as Redis calls it.</param>
/// <param name="Policy">What it does when memory is short.</param>
/// <param name="UsedMemory">How much memory it uses, in bytes.</param>
/// <param name="MaxMemory">How much it may use; 0 if nothing bounds it.</param>
/// <param name="IsAppendOnly">Whether it writes each change to a file.</param>
/// <param name="Replicas">How many replicas it has.</param>
internal sealed record BackendFigures(
    Version Version, string Mode, string Role, string Policy, long UsedMemory, long MaxMemory, bool IsAppendOnly, int Replicas);
