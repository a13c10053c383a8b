using System.Globalization;
using EventBroker.Broker.Health;
using EventBroker.Broker.Routing;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Plugins;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker;

// How the broker is.
public sealed partial class MessageBroker
{
    private const string Latency = "latency";
    private const string Ok = "ok";
    private const string InDrain = "draining";

    /// <summary>Tells a caller how the broker is: everything to one who may <see cref="BrokerOperation.Admin"/>, and to all others the
    /// status with a word for it and the latency. Names, addresses and reasons are for operators.</summary>
    /// <param name="caller">Who asks; nobody is denied.</param>
    /// <param name="cancellationToken">The call's end.</param>
    /// <returns>The state of the whole.</returns>
    public async ValueTask<BrokerHealth> CheckHealthAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (await _access.WouldAllowAsync(caller, BrokerOperation.Admin, cancellationToken))
        {
            return await CheckHealthAsync(cancellationToken);
        }

        var health = Describe(await _probe.AskSharedAsync(cancellationToken));
        return new BrokerHealth
        {
            Status = health.Status,
            Message = _draining.IsCancellationRequested ? InDrain : health.Status == TransportHealthStatus.Healthy ? Ok : Kebab(health.Status),
            Details = new Dictionary<string, string> { [Latency] = health.Details[Latency] },
        };
    }

    /// <summary>Asks every transport how it is, at the same time, and gives each five seconds: what an operator sees.</summary>
    /// <param name="cancellationToken">The call's end.</param>
    /// <returns>The state of the whole.</returns>
    public async ValueTask<BrokerHealth> CheckHealthAsync(CancellationToken cancellationToken) => Describe(await _probe.AskAsync(cancellationToken));

    private BrokerHealth Describe(ProbeReport report)
    {
        var reports = report.Transports;
        var details = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [Latency] = report.Latency.TotalMilliseconds.ToString("0.###", CultureInfo.InvariantCulture) + "ms",
            ["subscriptions"] = _subscriptions.Count.ToString(CultureInfo.InvariantCulture),
        };
        var worst = TransportHealthStatus.Healthy;
        var message = Ok;
        for (var i = 0; i < reports.Count; i++)
        {
            Describe(_routes.Transports[i], reports[i], details);
            if (reports[i].Status > worst)
            {
                worst = reports[i].Status;
                message = $"transport '{_routes.Transports[i].Name}': {reports[i].Message}";
            }
        }

        foreach (var count in _metrics.All)
        {
            details[count.Name] = count.Total.ToString(CultureInfo.InvariantCulture);
        }

        foreach (var plugin in _setup.Plugins)
        {
            details["plugin." + plugin.Id] = plugin.Reason.Length == 0 ? Kebab(plugin.State) : $"{Kebab(plugin.State)}: {plugin.Reason}";
        }

        if (_draining.IsCancellationRequested)
        {
            worst = worst < TransportHealthStatus.Degraded ? TransportHealthStatus.Degraded : worst;
            message = InDrain;
        }

        return new BrokerHealth { Status = worst, Message = message, Details = details };
    }

    private static void Describe(RoutedTransport transport, TransportHealth report, SortedDictionary<string, string> details)
    {
        var prefix = $"transport.{transport.Name}.";
        details[prefix + "status"] = Kebab(report.Status);
        details[prefix + "guarantee"] = Kebab(transport.Declared.Guarantee);
        details[prefix + "settlement"] = transport.Declared.RemembersSinglePlace ? "single-place" : "each";
        foreach (var capability in Enum.GetValues<TransportCapability>())
        {
            details[$"{prefix}capability.{Kebab(capability)}"] = Kebab(transport.Capabilities[capability]);
        }

        foreach (var (key, value) in report.Details)
        {
            details[prefix + key] = value;
        }
    }

    // ReplayFromBeginning becomes replay-from-beginning.
    private static string Kebab<T>(T value)
        where T : struct, Enum =>
        string.Concat(value.ToString().Select(static (c, i) =>
            char.IsUpper(c) ? (i == 0 ? "" : "-") + char.ToLowerInvariant(c) : c.ToString()));
}
