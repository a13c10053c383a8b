using System.Net.WebSockets;
using EventBroker.Sdk.Errors;

namespace EventBroker.Endpoints.WebSockets;

// Whether a client should come back: 1001 and 1013 yes, 1008 with other credentials, 4000 when it knows why it should, 1009 never with such a frame.
internal static class WebSocketCloseCodes
{
    // The broker serves on, but not this subscription: its event is gone, or another subscriber has taken its consumer id.
    public const WebSocketCloseStatus SubscriptionClosed = (WebSocketCloseStatus)4000;

    private const WebSocketCloseStatus TryAgainLater = (WebSocketCloseStatus)1013;

    public static WebSocketCloseStatus Of(BrokerErrorCode code, bool isDraining) => code switch
    {
        BrokerErrorCode.Unavailable => isDraining ? WebSocketCloseStatus.EndpointUnavailable : TryAgainLater,
        BrokerErrorCode.DeadlineExceeded or BrokerErrorCode.ResourceExhausted => TryAgainLater,
        BrokerErrorCode.Unauthenticated or BrokerErrorCode.PermissionDenied => WebSocketCloseStatus.PolicyViolation,
        BrokerErrorCode.Internal => WebSocketCloseStatus.InternalServerError,
        _ => SubscriptionClosed,
    };
}
