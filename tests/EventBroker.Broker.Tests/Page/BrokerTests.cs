using System.Reflection;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Tests.Page;

// What the core shows by itself, whatever the transport: what it adds to one, and what it refuses in a transport's place.
internal static class BrokerTests
{
    private static readonly (TransportCapability Capability, Type Class, string Test)[] All =
    [
        (TransportCapability.Redelivery, typeof(EmulationTests), nameof(EmulationTests.A_nack_comes_back_where_the_transport_can_not_redeliver)),
        (TransportCapability.Redelivery, typeof(EmulationTests),
            nameof(EmulationTests.A_deadline_that_passes_brings_a_message_back_where_the_transport_can_not_redeliver)),
        (TransportCapability.RedeliveryDelay, typeof(EmulationTests), nameof(EmulationTests.A_nack_waits_for_its_delay_where_the_transport_can_not_delay)),
        (TransportCapability.RedeliveryDelay, typeof(DelayTests), nameof(DelayTests.Of_two_delays_each_is_kept)),
        (TransportCapability.MaxAge, typeof(AdmissionTests), nameof(AdmissionTests.What_is_too_old_is_left_out_and_done_with)),
        (TransportCapability.LatestOnly, typeof(AdmissionTests), nameof(AdmissionTests.Of_what_has_piled_up_only_the_newest_is_delivered)),
        (TransportCapability.EventListing, typeof(EmulationTests), nameof(EmulationTests.A_list_is_refused_where_a_transport_can_not_list)),
    ];

    public static IEnumerable<string> Of(TransportCapability capability) =>
        All.Where(t => t.Capability == capability).Select(static t => $"{t.Class.Name}.{t.Test}");

    // A name alone proves nothing.
    public static bool AreTests() => All.All(static t =>
        t.Class.GetMethod(t.Test)?.GetCustomAttributes().OfType<FactAttribute>().Any(static f => f.Skip is null) == true);
}
