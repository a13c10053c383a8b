using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace EventBroker.Client.Tests.Hosting;

// Keeps what was logged as an error or a warning.
internal sealed class LogCollector : ILoggerProvider
{
    public ConcurrentQueue<string> Errors { get; } = new();

    public ConcurrentQueue<string> Warnings { get; } = new();

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(LogCollector owner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                var queue = logLevel >= LogLevel.Error ? owner.Errors : owner.Warnings;
                queue.Enqueue($"{category}: {formatter(state, exception)} {exception}");
            }
        }
    }
}
