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

    // Tells every refusal of this broker from those of a proxy that speaks gRPC.
    public const string Refusal = "eventbroker-refusal";

    // With a refusal that comes again whenever the call is made, where its code alone would let a client try again.
    public const string Final = "eventbroker-final";
    public const string IsFinal = "true";

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
