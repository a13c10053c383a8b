namespace EventBroker.Transport.JetStream.Pulling;

/// <summary>Gets what pulls bring, on the connection's reading thread.</summary>
internal interface IPullSink
{
    /// <summary>A message has come.</summary>
    void OnMessage(PullInbox from, in PulledMessage message);

    /// <summary>The pulls that are open here will bring nothing any more: the consumer is gone, has no leader, or the like.</summary>
    void OnPullsEnded(PullInbox from, int code, string text);
}
