namespace EventBroker.PluginHosting.Loading;

// A plugin that can't be used; the message names the file and what to do, and is shown to the operator as it is.
internal sealed class PluginLoadException(string message, Exception? inner = null) : Exception(message, inner);
