namespace EventBroker.Client;

/// <summary>A change of a transport's connection.</summary>
public sealed class ConnectionStateChangedEventArgs : EventArgs
{
    internal ConnectionStateChangedEventArgs(ConnectionState previous, ConnectionState current)
    {
        Previous = previous;
        Current = current;
    }

    /// <summary>Gets the state before.</summary>
    public ConnectionState Previous { get; }

    /// <summary>Gets the state now.</summary>
    public ConnectionState Current { get; }
}
