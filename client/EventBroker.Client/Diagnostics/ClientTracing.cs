using System.Diagnostics;
using Google.Protobuf.Collections;

namespace EventBroker.Client.Diagnostics;

/// <summary>The spans of the activity source <c>EventBroker.Client</c>, and the W3C trace context in a message's metadata, by which a
/// trace goes on in whoever handles the message.</summary>
internal static class ClientTracing
{
    private const string TraceParent = "traceparent";
    private const string TraceState = "tracestate";

    private static readonly ActivitySource Source = new(EventBrokerTelemetry.ActivitySourceName);

    public static Activity? StartPublish(string eventName, Uri address) =>
        Start("publish", "send", eventName, ActivityKind.Producer, address, default);

    /// <summary>Starts the span of handling a message, as a child of the span that published it.</summary>
    public static Activity? StartProcess(string eventName, Delivery delivery, Uri address)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var activity = Start("process", "process", eventName, ActivityKind.Consumer, address, delivery.GetTraceContext());
        activity?.SetTag("messaging.message.id", delivery.Id);
        return activity;
    }

    /// <summary>Starts the span of a call that settles deliveries.</summary>
    public static Activity? StartSettle(string eventName, int count, Uri address)
    {
        var activity = Start("settle", "settle", eventName, ActivityKind.Client, address, default);
        activity?.SetTag("messaging.batch.message_count", count);
        return activity;
    }

    private static Activity? Start(
        string name, string type, string eventName, ActivityKind kind, Uri address, ActivityContext parent)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var activity = Source.StartActivity($"{name} {eventName}", kind, parent);
        activity?.SetTag("messaging.system", "eventbroker");
        activity?.SetTag("messaging.operation.name", name);
        activity?.SetTag("messaging.operation.type", type);
        activity?.SetTag("messaging.destination.name", eventName);
        activity?.SetTag("server.address", address.Host);
        activity?.SetTag("server.port", address.Port);
        return activity;
    }

    /// <summary>Marks a span of several messages some of which have failed.</summary>
    public static void Failed(Activity? activity, int failed, int all, string kind)
    {
        activity?.SetStatus(ActivityStatusCode.Error, $"{failed} of {all} have failed");
        activity?.SetTag("error.type", kind);
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
