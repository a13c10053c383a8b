using EventBroker.Protos.Event.V1;

namespace EventBroker.Client.Subscribing;

/// <summary>The place that the server keeps for a worker group or a consumer id.</summary>
internal sealed class KeptPlace : ResumePlace
{
    public override bool GoesOn => true;

    public override bool IsFor(SubscriptionStream stream) => true;

    public override void Apply(SubscribeRequest request)
    {
        // The name is all that it takes.
    }
}
