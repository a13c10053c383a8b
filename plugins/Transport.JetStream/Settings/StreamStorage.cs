namespace EventBroker.Transport.JetStream.Settings;

/// <summary>Where the servers keep messages.</summary>
public enum StreamStorage
{
    /// <summary>On disk.</summary>
    File,

    /// <summary>In memory: gone when all servers that hold the stream have ended.</summary>
    Memory,
}
