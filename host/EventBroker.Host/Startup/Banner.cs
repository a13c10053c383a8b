using System.Text;
using EventBroker.Broker.Capabilities;
using EventBroker.Host.Listening;
using EventBroker.PluginHosting;
using EventBroker.Sdk.Plugins;
using EventBroker.Sdk.Transports;

namespace EventBroker.Host.Startup;

// What a person sees when the broker has started.
internal static class Banner
{
    public static string Write(HostPlan plan, PluginHost plugins)
    {
        var text = new StringBuilder().AppendLine().AppendLine("EventBroker is ready.").AppendLine();
        foreach (var address in plan.Listen.Addresses)
        {
            text.AppendLine(null, $"  {address,-28} {Served(address)}");
        }

        text.AppendLine().AppendLine(null, $"Plugins ({plan.File}):");
        foreach (var plugin in plugins.Plugins)
        {
            text.AppendLine(null, $"  {plugin.Id + " " + plugin.Version,-18} {plugin.State,-12} {Detail(plugin)}");
        }

        text.AppendLine().AppendLine("Transports:");
        foreach (var (name, transport) in plugins.Transports)
        {
            WriteTransport(text, name, plan.Configuration.Transports[name].Plugin, transport.Capabilities);
        }

        if (plugins.Authorizers.Count == 0)
        {
            text.AppendLine().AppendLine("No authorizer is configured: every call is denied. Name one under \"authorizers\".");
        }

        WriteTrial(text, plan.Listen);
        return text.ToString();
    }

    private static string Served(ListenAddress address) => address.Name switch
    {
        "grpc" => "gRPC (HTTP/2 without TLS)",
        "http" => "REST, WebSocket, SSE",
        _ => "gRPC, REST, WebSocket, SSE",
    };

    private static string Detail(PluginStatus plugin) =>
        plugin.State == PluginState.Active ? string.Join(", ", plugin.Instances) : plugin.Reason;

    private static void WriteTransport(StringBuilder text, string name, string plugin, TransportCapabilities capabilities)
    {
        text.AppendLine(null, $"  {name} ({plugin}): {CapabilityText.Guarantee(capabilities)}");
        var effective = EffectiveCapabilities.Of(capabilities);
        foreach (var support in Enum.GetValues<CapabilitySupport>().OrderDescending())
        {
            var names = CapabilityText.List(effective, support);
            if (names.Length > 0)
            {
                text.AppendLine(null, $"    {support.ToString().ToLowerInvariant()}: {names}");
            }
        }
    }

    private static void WriteTrial(StringBuilder text, ListenPlan listen)
    {
        if ((listen.Http ?? listen.Https) is not { } address)
        {
            return;
        }

        var curl = address.Scheme == "https" ? "curl -k" : "curl";
        text.AppendLine()
            .AppendLine("Try it:")
            .AppendLine(null, $"  {curl} -X POST {address.LocalUrl}/v1/events/hello")
            .AppendLine(null, $"  {curl} -N {address.LocalUrl}/v1/events/hello/stream &")
            .AppendLine(null, $"  {curl} -X POST {address.LocalUrl}/v1/events/hello/messages -d '{{\"payload\":\"aGVsbG8=\"}}'");
    }
}
