namespace EventBroker.Client;

/// <summary>What to listen to: <c>tracing.AddSource(EventBrokerTelemetry.ActivitySourceName)</c> and
/// <c>metrics.AddMeter(EventBrokerTelemetry.MeterName)</c>.</summary>
public static class EventBrokerTelemetry
{
    /// <summary>The activity source of the client: the spans publish, process and settle.</summary>
    public const string ActivitySourceName = "EventBroker.Client";

    /// <summary>The meter of the client. Its instruments carry <c>server.address</c> and <c>server.port</c>, so that several brokers are told
    /// apart.</summary>
    public const string MeterName = "EventBroker.Client";
}
