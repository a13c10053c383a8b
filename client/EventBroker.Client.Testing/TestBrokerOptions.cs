using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Transports;
using Microsoft.Extensions.Logging;

namespace EventBroker.Client.Testing;

/// <summary>What is special about a <see cref="TestBroker"/>.</summary>
public sealed class TestBrokerOptions
{
    /// <summary>Gets or sets the events that exist from the start. Default none.</summary>
    public IReadOnlyCollection<string> Events { get; set; } = [];

    /// <summary>Gets or sets the clock of the broker and its transports: a fake one lets a test jump to an ack deadline or a retry.
    /// Default the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Gets or sets where the broker and its transports log. Default null: nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Gets or sets who may do what, as an authorizer of the broker decides it; asked for every call. Default null: everybody everything.</summary>
    public Func<AuthorizationRequest, AuthorizationDecision>? Authorize { get; set; }

    /// <summary>Gets or sets the largest message, in bytes, as <c>limits.maxMessageBytes</c> of a server. Default 4 MiB; 1024 or more.</summary>
    public int MaxMessageBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Gets or sets how many messages a subscription may hold unsettled, as <c>delivery.maxInFlight</c>. Default 1000; 1 or more.</summary>
    public int MaxInFlight { get; set; } = 1000;

    /// <summary>Gets or sets how many messages or settlements a call may hold, as <c>limits.maxItemsPerCall</c>. Default 10 000; 1 or more.</summary>
    public int MaxItemsPerCall { get; set; } = 10_000;

    /// <summary>Gets or sets what is put around the transport, so that a test of ours sees what the broker does with it.</summary>
    internal Func<ITransport, ITransport>? Decorate { get; set; }
}
