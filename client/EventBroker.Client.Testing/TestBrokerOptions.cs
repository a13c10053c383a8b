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
}
