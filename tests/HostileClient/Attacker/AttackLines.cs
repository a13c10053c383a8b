namespace HostileClient.Attacker;

/// <summary>What the attacking process tells the one that started it, a line each.</summary>
internal static class AttackLines
{
    public const string Begin = "begin ";
    public const string End = "end ";
    public const string Fault = "fault ";
}
