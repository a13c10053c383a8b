using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace EventBroker.FunctionalTests.Hosting;

// Keeps every error that was logged, so that a test can fail for one that nobody expected.
internal sealed class LogCollector : ILoggerProvider
{
    public ConcurrentQueue<string> Errors { get; } = new();

    // What the broker warns of.
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
            if (logLevel == LogLevel.Warning && category.StartsWith("EventBroker.", StringComparison.Ordinal))
            {
                owner.Warnings.Enqueue(formatter(state, exception));
            }
            else if (logLevel > LogLevel.Warning)
            {
                owner.Errors.Enqueue($"{category}: {formatter(state, exception)} {exception}");
            }
        }
    }
}
