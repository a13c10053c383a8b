using EventBroker.Endpoints.WebSockets;
using EventBroker.Sdk.Errors;

namespace EventBroker.Endpoints.Tests;

public sealed class WebSocketCloseCodesTests
{
    [Theory]
    [InlineData(BrokerErrorCode.Unavailable, true, 1001)]
    [InlineData(BrokerErrorCode.Unavailable, false, 1013)]
    [InlineData(BrokerErrorCode.DeadlineExceeded, true, 1013)]
    [InlineData(BrokerErrorCode.ResourceExhausted, false, 1013)]
    [InlineData(BrokerErrorCode.Unauthenticated, false, 1008)]
    [InlineData(BrokerErrorCode.PermissionDenied, false, 1008)]
    [InlineData(BrokerErrorCode.Internal, false, 1011)]
    [InlineData(BrokerErrorCode.NotFound, true, 4000)]
    [InlineData(BrokerErrorCode.Aborted, false, 4000)]
    public void A_code_says_whether_to_come_back(BrokerErrorCode code, bool isDraining, int expected) =>
        Assert.Equal(expected, (int)WebSocketCloseCodes.Of(code, isDraining));
}
