namespace EventBroker.FunctionalTests.Crash;

// The host lives, and its backend does not: what was asked for may have been done, and is to be asked for again.
internal sealed class BackendAwayException(string message, Exception? inner = null) : Exception(message, inner);
