using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Kafka.Tests;

/// <summary>Keeps what is logged at a level and above.</summary>
internal sealed class CountingLogger(LogLevel least = LogLevel.Information) : ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyList<string> Lines => [.. _lines];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= least;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            _lines.Enqueue(formatter(state, exception) + (exception is null ? "" : " " + exception));
        }
    }
}
