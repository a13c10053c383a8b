using EventBroker.Broker.Subscribing;
using EventBroker.Endpoints.Streaming;
using EventBroker.Sdk.Errors;

namespace EventBroker.Endpoints.Tests;

// Who is spared a refusal.
public sealed class PatienceTests
{
    [Fact]
    public void Who_has_asked_for_it_waits_for_its_event_and_comes_back_to_what_may_pass()
    {
        Assert.Equal([BrokerErrorCode.NotFound], Codes(static (request, refusal) => Patience.Waits(request, refusal), waits: true));
        Assert.Equal(
            [BrokerErrorCode.DeadlineExceeded, BrokerErrorCode.ResourceExhausted, BrokerErrorCode.Unavailable],
            Codes(static (request, refusal) => Patience.MayPass(request, refusal), waits: true));
    }

    [Fact]
    public void Who_has_not_is_refused()
    {
        Assert.Empty(Codes(static (request, refusal) => Patience.Waits(request, refusal), waits: false));
        Assert.Empty(Codes(static (request, refusal) => Patience.MayPass(request, refusal), waits: false));
    }

    private static BrokerErrorCode[] Codes(Func<SubscribeRequest, BrokerException, bool> isSpared, bool waits) =>
        [.. Enum.GetValues<BrokerErrorCode>().Where(code => isSpared(new SubscribeRequest { EventName = "e", Wait = waits }, new BrokerException(code, "no"))).Order()];
}
