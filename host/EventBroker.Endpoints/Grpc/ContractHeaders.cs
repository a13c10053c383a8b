using System.Globalization;
using EventBroker.Broker;
using Microsoft.AspNetCore.Http;

namespace EventBroker.Endpoints.Grpc;

// What this broker says of itself beside its answers, in headers and, of what it refuses, in trailers.
internal sealed class ContractHeaders(MessageBroker broker)
{
    // Tells this broker from other servers of event.v1, which know neither cursors nor nack_delay, extend and redelivery. Sent with Subscribe and
    // PublishStream that were accepted, and with Health.
    public const string Contract = "eventbroker-contract";
    public const string Version = "1";

    // With every refusal of this broker, which tells it from those of a proxy that speaks gRPC. Its value is a word of Refusals.
    public const string Refusal = "eventbroker-refusal";

    // The limits that a client stays within by itself: with every answer to Subscribe, a refusal among them, with PublishStream, and with what
    // was refused for good.
    private const string MaxInFlight = "eventbroker-max-in-flight";
    private const string MaxItemsPerCall = "eventbroker-max-items-per-call";
    private const string MaxMessageBytes = "eventbroker-max-message-bytes";

    // Made once: they go with every subscription.
    private readonly string _maxInFlight = Text(broker.Options.MaxInFlight);
    private readonly string _maxItemsPerCall = Text(broker.Options.MaxItemsPerCall);
    private readonly string _maxMessageBytes = Text(broker.Options.MaxMessageBytes);

    public void WriteLimits(IHeaderDictionary headers)
    {
        headers[MaxInFlight] = _maxInFlight;
        headers[MaxItemsPerCall] = _maxItemsPerCall;
        headers[MaxMessageBytes] = _maxMessageBytes;
    }

    private static string Text(int limit) => limit.ToString(CultureInfo.InvariantCulture);
}
