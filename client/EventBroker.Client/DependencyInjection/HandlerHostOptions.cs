namespace EventBroker.Client;

/// <summary>How the handlers of an application are started and kept at work.</summary>
public sealed class HandlerHostOptions
{
    /// <summary>Gets or sets whether events that do not exist are registered, at the start and also later. Default true. Otherwise a
    /// handler of an event that does not exist is refused.</summary>
    public bool RegisterEvents { get; set; } = true;

    /// <summary>Gets or sets how long the start of the application waits for the handlers to be subscribed, so that what the application
    /// publishes then reaches them. It waits no longer for one that has met a fault: that one is tried again in the background. Default
    /// 10 s; zero does not wait; 10 minutes at the most.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets whether a refusal (no such event, denied, an option that the broker can't honour, a consumer id that
    /// somebody else has taken over) stops the application: one at the start makes the start fail with it. A refused handler is not tried again. Default false: it is logged as an error,
    /// and the other handlers go on.</summary>
    public bool StopApplicationOnRefusal { get; set; }
}
