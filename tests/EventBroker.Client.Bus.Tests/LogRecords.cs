using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace EventBroker.Client.Bus.Tests;

// Keeps what the client logged.
internal sealed class LogRecords : ILoggerProvider, ILoggerFactory
{
    private readonly ConcurrentQueue<(LogLevel Level, int Id, string Text)> _all = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource> _written = new();

    public IReadOnlyCollection<(LogLevel Level, int Id, string Text)> All => _all;

    public IEnumerable<string> Errors => _all.Where(static r => r.Level >= LogLevel.Error).Select(static r => r.Text);

    public int Count(int id) => _all.Count(r => r.Id == id);

    // Ends when an event was logged.
    public Task WhenAsync(int id) => Written(id).Task;

    public ILogger CreateLogger(string categoryName) => new Logger(this);

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }

    private TaskCompletionSource Written(int id) =>
        _written.GetOrAdd(id, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    private sealed class Logger(LogRecords owner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            owner._all.Enqueue((logLevel, eventId.Id, formatter(state, exception)));
            owner.Written(eventId.Id).TrySetResult();
        }
    }
}
