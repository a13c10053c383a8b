using EventBroker.Broker.Subscribing;

namespace EventBroker.Broker.Tests.RandomSettlement;

/// <summary>A subscription read as an endpoint reads it: taken from after a signal, and never again before the next.</summary>
/// <remarks>It looks at the signal instead of awaiting it, so that a test knows at each step whether it has come.</remarks>
internal sealed class Reader(BrokerSubscription subscription, Dictionary<string, Track> audience)
{
    private ValueTask _wait;
    private bool _isWaiting;

    public BrokerSubscription Subscription => subscription;

    public Dictionary<string, Track> Audience => audience;

    public List<Holding> Held { get; } = [];

    /// <summary>When the first of what is taken and not sent was taken; null if all is sent.</summary>
    public long? UnsentSince { get; set; }

    /// <summary>Whether it has been signalled, or does not wait.</summary>
    public bool MayTake()
    {
        if (_isWaiting && _wait.IsCompleted)
        {
            _isWaiting = false;
#pragma warning disable VSTHRD002 // It is complete, and has to be looked at once.
            _wait.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
        }

        return !_isWaiting;
    }

    public void Wait()
    {
        if (!_isWaiting)
        {
#pragma warning disable CA2012 // Kept, looked at until it is complete, and consumed once then.
            _wait = subscription.WaitAsync();
#pragma warning restore CA2012
            _isWaiting = true;
        }
    }
}
