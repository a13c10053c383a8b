using EventBroker.Broker;
using EventBroker.Broker.Settling;
using EventBroker.Endpoints.Streaming;
using EventBroker.Sdk.Interception;

namespace EventBroker.Endpoints.Tests;

// What a client says of a delivery, in the broker's terms.
public sealed class SettlementsTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    [Fact]
    public void An_error_makes_a_nack_an_extension_an_extension_and_neither_an_ack()
    {
        Assert.Equal((Settlement.Ack, null, null), Made(null, null, null));
        Assert.Equal((Settlement.Ack, null, null), Made("", null, null));
        Assert.Equal((Settlement.Nack, "e", null), Made("e", null, null));
        Assert.Equal((Settlement.Nack, "e", TimeSpan.Zero), Made("e", TimeSpan.Zero, null));
        Assert.Equal((Settlement.Extend, null, TimeSpan.FromSeconds(5)), Made(null, null, TimeSpan.FromSeconds(5)));

        static (Settlement Settlement, string? Error, TimeSpan? Time) Made(string? error, TimeSpan? delay, TimeSpan? extend)
        {
            var entry = Settlements.Make("x"u8, error, delay, extend);
            Assert.NotEqual(SettleResult.Invalid, entry.Result);
            return (entry.Settlement, entry.Error, entry.Time);
        }
    }

    [Fact]
    public void A_time_has_its_bounds()
    {
        Assert.True(IsValid("e", BrokerOptions.MaxAckTimeout, null));
        Assert.False(IsValid("e", BrokerOptions.MaxAckTimeout + Tick, null));
        Assert.False(IsValid("e", -Tick, null));
        Assert.True(IsValid(null, null, TimeSpan.FromSeconds(1)));
        Assert.False(IsValid(null, null, TimeSpan.FromSeconds(1) - Tick));
        Assert.True(IsValid(null, null, BrokerOptions.MaxAckTimeout));
        Assert.False(IsValid(null, null, BrokerOptions.MaxAckTimeout + Tick));
    }

    [Fact]
    public void What_contradicts_itself_is_invalid()
    {
        var time = TimeSpan.FromSeconds(5);
        Assert.False(IsValid(null, time, null));
        Assert.False(IsValid("e", null, time));
        Assert.False(IsValid(null, time, time));
        Assert.False(IsValid("e", time, time));
    }

    private static bool IsValid(string? error, TimeSpan? delay, TimeSpan? extend) =>
        Settlements.Make("x"u8, error, delay, extend).Result != SettleResult.Invalid;
}
