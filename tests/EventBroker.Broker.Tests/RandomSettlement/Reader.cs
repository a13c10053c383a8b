using EventBroker.Broker.Subscribing;

namespace EventBroker.Broker.Tests.RandomSettlement;

/// <summary>A subscription read as an endpoint reads it: taken from after a signal, and never again before the next.</summary>
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
            _wait.GetAwaiter().GetResult();
        }

        return !_isWaiting;
    }

    public void Wait()
    {
        if (!_isWaiting)
        {
            _wait = subscription.WaitAsync();
            _isWaiting = true;
        }
    }
}
