namespace EventBroker.Transport.Redis.Settings;

/// <summary>Why the certificate of a server was refused, the last time.</summary>
internal sealed class Distrust
{
    private volatile string? _reason;

    /// <summary>Gets or sets the reason, a sentence; null if the certificate was taken, or none was looked at.</summary>
    public string? Reason
    {
        get => _reason;
        set => _reason = value;
    }
}
