using EventBroker.Sdk.Errors;

namespace EventBroker.Broker.Publishing;

/// <summary>The messages of one event within a batch of many.</summary>
internal sealed class PublishRun
{
    public PublishRun(string eventName) => EventName = eventName;

    public string EventName { get; }

    public List<PublishItem> Items { get; } = [];

    /// <summary>Those that passed the checks, in the order in which they went to the transport.</summary>
    public List<PublishItem> Sent { get; } = [];

    public void FailUndecided(BrokerException failure)
    {
        foreach (var item in Items.Where(static i => i.Id.IsEmpty))
        {
            item.Failure ??= failure;
        }
    }
}
