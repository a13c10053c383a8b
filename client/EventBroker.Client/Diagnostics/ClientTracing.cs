using System.Diagnostics;
using Google.Protobuf.Collections;

namespace EventBroker.Client.Diagnostics;

/// <summary>The spans of the activity source <c>EventBroker.Client</c>, and the W3C trace context in a message's metadata, by which a
/// trace goes on in whoever handles the message.</summary>
internal static class ClientTracing
{
    public const string SourceName = "EventBroker.Client";

    private const string TraceParent = "traceparent";
    private const string TraceState = "tracestate";

    private static readonly ActivitySource Source = new(SourceName);

    public static Activity? StartPublish(string eventName)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var activity = Source.StartActivity($"publish {eventName}", ActivityKind.Producer);
        activity?.SetTag("messaging.system", "eventbroker");
        activity?.SetTag("messaging.operation.name", "publish");
        activity?.SetTag("messaging.operation.type", "send");
        activity?.SetTag("messaging.destination.name", eventName);
        return activity;
    }

    /// <summary>Starts the span of handling a message, as a child of the span that published it.</summary>
    public static Activity? StartProcess(string eventName, Delivery delivery)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var activity = Source.StartActivity($"process {eventName}", ActivityKind.Consumer, delivery.GetTraceContext());
        activity?.SetTag("messaging.system", "eventbroker");
        activity?.SetTag("messaging.operation.name", "process");
        activity?.SetTag("messaging.operation.type", "process");
        activity?.SetTag("messaging.destination.name", eventName);
        activity?.SetTag("messaging.message.id", delivery.Id);
        return activity;
    }

    public static void Failed(Activity? activity, Exception exception)
    {
        activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
        activity?.SetTag("error.type", exception is EventBrokerException known ? known.Code.ToString() : exception.GetType().FullName);
    }

    /// <summary>Writes the current trace context, unless the publisher brought one.</summary>
    /// <returns>Whether there is one to write.</returns>
    public static bool Inject(MapField<string, string> metadata)
    {
        if (Activity.Current is not { IdFormat: ActivityIdFormat.W3C, Id: { } id } current || metadata.ContainsKey(TraceParent))
        {
            return false;
        }

        metadata[TraceParent] = id;
        if (current.TraceStateString is { Length: > 0 } state)
        {
            metadata[TraceState] = state;
        }

        return true;
    }

    public static ActivityContext Extract(IReadOnlyDictionary<string, string> metadata) =>
        metadata.TryGetValue(TraceParent, out var parent)
        && ActivityContext.TryParse(parent, metadata.GetValueOrDefault(TraceState), isRemote: true, out var context)
            ? context
            : default;
}
