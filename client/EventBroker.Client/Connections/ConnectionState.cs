namespace EventBroker.Client;

/// <summary>Whether a <see cref="RemoteTransport"/> has a working connection.</summary>
public enum ConnectionState
{
    /// <summary>There is no connection; one is made by the next call.</summary>
    Disconnected = 0,

    /// <summary>A connection is being made, or is made and nothing has come back over it yet.</summary>
    Connecting = 1,

    /// <summary>The broker has answered over a connection that is still open.</summary>
    Connected = 2,

    /// <summary>The transport was disposed.</summary>
    Closed = 3,
}
