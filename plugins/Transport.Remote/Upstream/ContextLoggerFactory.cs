using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Remote.Upstream;

/// <summary>Gives the client the instance's own logger, whose category names the transport as <c>plugins.json</c> does.</summary>
internal sealed class ContextLoggerFactory(ILogger logger) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) =>
        new QuietLogger(logger, categoryName.StartsWith("Grpc.", StringComparison.Ordinal));

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("the host decides where log lines go");

    public void Dispose()
    {
        // The logger is the host's.
    }

    // What the client says of each subscription and of each call that settles, and gRPC of every call, would be a line for every subscriber of
    // this broker, again and again while the broker behind is away and once more when it is back, which is said once for all (Reach). Whose
    // subscription has ended or has lost something is told so itself.
    private sealed class QuietLogger(ILogger inner, bool isGrpc) : ILogger
    {
        private const int FirstOfSubscriptions = 5011;
        private const int LastOfSubscriptions = 5017;
        private const int SettlementFailed = 5020;
        private const int SettlementLate = 5021;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(isGrpc ? Quiet(logLevel) : logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            inner.Log(isGrpc || IsOfOne(eventId.Id) ? Quiet(logLevel) : logLevel, eventId, state, exception, formatter);

        private static bool IsOfOne(int id) => id is (>= FirstOfSubscriptions and <= LastOfSubscriptions) or SettlementFailed or SettlementLate;

        private static LogLevel Quiet(LogLevel level) => level is > LogLevel.Debug and < LogLevel.None ? LogLevel.Debug : level;
    }
}
