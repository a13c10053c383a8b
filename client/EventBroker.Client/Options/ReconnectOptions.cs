namespace EventBroker.Client;

/// <summary>How a subscription comes back after its stream has ended. Every wait is drawn evenly between zero and a limit that
/// doubles with each failure in a row, so that many clients do not come back together.</summary>
public sealed class ReconnectOptions
{
    /// <summary>Gets or sets whether subscriptions come back by themselves. Default true. Otherwise the enumeration ends with the stream:
    /// normally where the stream did, with the exception where it failed.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Gets or sets the limit of the first wait. Default 250 ms; zero or more.</summary>
    public TimeSpan FirstBackoff { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Gets or sets the limit of every wait. Default 1 s; not below <see cref="FirstBackoff"/>.</summary>
    public TimeSpan LongestBackoff { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets after how many failures in a row a subscription gives up: it ends with the last exception, which is an error in the
    /// log and in the health check. It holds for handlers too. A stream that stayed open for longer than <see cref="LongestBackoff"/> begins a
    /// new count, and nothing else does. Default null: never, so that no outage, however long, costs a subscription its place. 1 or
    /// more.</summary>
    public int? MaxConsecutiveFailures { get; set; }
}
