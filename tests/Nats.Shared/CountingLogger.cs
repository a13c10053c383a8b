using Microsoft.Extensions.Logging;

namespace EventBroker.Nats.Tests;

// Counts what operators see by default.
internal sealed class CountingLogger : ILogger
{
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Interlocked.Add(ref _count, logLevel >= LogLevel.Information ? 1 : 0);
}
