using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Remote.Upstream;

/// <summary>Gives the client the instance's own logger, whose category names the transport as <c>plugins.json</c> does.</summary>
internal sealed class ContextLoggerFactory(ILogger logger) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => logger;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("the host decides where log lines go");

    public void Dispose()
    {
        // The logger is the host's.
    }
}
