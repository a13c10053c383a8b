namespace EventBroker.Host.Startup;

// Why the host can't start, in words for an operator: shown without a stack trace.
internal sealed class StartFault(string message, Exception? inner = null) : Exception(message, inner);
