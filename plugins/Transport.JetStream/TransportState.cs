using EventBroker.Nats.Connections;
using EventBroker.Transport.JetStream.Settings;
using EventBroker.Transport.JetStream.Watching;
using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.JetStream;

/// <summary>What the parts of one transport share.</summary>
internal sealed class TransportState(
    string name, JetStreamSettings settings, NatsLink link, JetStreamApi api, ReplyInbox replies, JetStreamMetrics metrics, ILogger logger)
{
    /// <summary>Gets the transport's name, for errors.</summary>
    public string Name => name;

    public JetStreamSettings Settings => settings;

    public NatsLink Link => link;

    public JetStreamApi Api => api;

    public ReplyInbox Replies => replies;

    public JetStreamMetrics Metrics => metrics;

    public ILogger Logger => logger;

    public HostChannel Channel { get; set; } = null!;
}
