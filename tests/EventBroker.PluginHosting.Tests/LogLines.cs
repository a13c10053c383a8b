using Microsoft.Extensions.Logging;

namespace EventBroker.PluginHosting.Tests;

// What was logged, as "category: text", the category without the part that all plugins have.
internal sealed class LogLines : ILoggerFactory
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly List<(string Line, TaskCompletionSource Seen)> _awaited = [];

    public string[] All
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    // Ends with the line, which may have come already.
    public Task WaitAsync(string line)
    {
        lock (_gate)
        {
            if (_lines.Contains(line))
            {
                return Task.CompletedTask;
            }

            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((line, seen));
            return seen.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName.Replace("EventBroker.Plugin.", "", StringComparison.Ordinal));

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    private void Add(string line)
    {
        lock (_gate)
        {
            _lines.Add(line);
            _awaited.FindAll(a => a.Line == line).ForEach(static a => a.Seen.TrySetResult());
        }
    }

    private sealed class Logger(LogLines lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Add($"{category}: {formatter(state, exception)}");
    }
}
