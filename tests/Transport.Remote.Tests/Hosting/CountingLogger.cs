using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Remote.Tests.Hosting;

// Counts what operators see by default.
internal sealed class CountingLogger : ILogger
{
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public ConcurrentQueue<int> Ids { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel >= LogLevel.Information)
        {
            Interlocked.Increment(ref _count);
            Ids.Enqueue(eventId.Id);
        }
    }
}
