namespace EventBroker.Transport.Log;

/// <summary>What an answered publish or settlement survives.</summary>
public enum Durability
{
    /// <summary>It is on the disk: it survives the end of the process, of the operating system and of the power.</summary>
    Full,

    /// <summary>It is with the operating system: it survives the end of the process in any way, but what was answered in the last seconds
    /// before a failure of the operating system or the power may be lost. The file stays whole.</summary>
    Relaxed,
}
