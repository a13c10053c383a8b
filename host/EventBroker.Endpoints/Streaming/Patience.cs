using EventBroker.Broker.Subscribing;
using EventBroker.Sdk.Errors;

namespace EventBroker.Endpoints.Streaming;

// What a subscriber that has asked for it (wait=true) is spared: an EventSource takes every status but 200 for the end, so it is answered
// with 200, and waits or comes back.
internal static class Patience
{
    // The event may be registered later.
    public static bool Waits(SubscribeRequest request, BrokerException refusal) => request.Wait && refusal.Code == BrokerErrorCode.NotFound;

    // It may be otherwise when the subscriber comes back.
    public static bool MayPass(SubscribeRequest request, BrokerException refusal) =>
        request.Wait
        && refusal.Code is (BrokerErrorCode.Unavailable or BrokerErrorCode.DeadlineExceeded or BrokerErrorCode.ResourceExhausted);
}
