using EventBroker.Sdk.Transports;

namespace EventBroker.Sdk.Tests.Transports;

public sealed class DeclarationTests
{
    [Fact]
    public void What_is_not_named_is_not_declared()
    {
        var capabilities = new TransportCapabilities(
            DeliveryGuarantee.AtLeastOnce, TransportCapability.Seek, TransportCapability.Durable, TransportCapability.Seek);
        Assert.Equal([TransportCapability.Durable, TransportCapability.Seek], capabilities.Declared);
        Assert.True(capabilities.Has(TransportCapability.Seek));
        Assert.False(capabilities.Has(TransportCapability.Broadcast));
        Assert.Empty(capabilities.EventOptions);
    }

    [Fact]
    public void The_options_that_are_set_are_told_in_the_order_of_their_names()
    {
        Assert.Empty(EventOptions.None.GetSet());
        var all = new EventOptions
        {
            Replicas = 1,
            Partitions = 2,
            DeduplicationWindow = TimeSpan.FromSeconds(1),
            MaxMessageBytes = 3,
            MaxMessages = 4,
            MaxBytes = 5,
            Retention = TimeSpan.FromSeconds(6),
        };
        Assert.Equal(Enum.GetValues<EventOption>(), all.GetSet());
        Assert.Equal([EventOption.MaxMessages], new EventOptions { MaxMessages = 1 }.GetSet());
    }
}
