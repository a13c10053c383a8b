using Microsoft.Extensions.Logging;

namespace EventBroker.Broker.Tests;

/// <summary>Keeps what is logged, from information up.</summary>
internal sealed class FakeLog : ILoggerFactory, ILogger
{
    public List<string> Lines { get; } = [];

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            lock (Lines)
            {
                Lines.Add(formatter(state, exception));
            }
        }
    }

    public void Dispose()
    {
    }
}
