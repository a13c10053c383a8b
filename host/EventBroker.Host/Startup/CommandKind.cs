namespace EventBroker.Host.Startup;

internal enum CommandKind
{
    Serve,
    Check,
    Transport,
    Version,
    Help,
}
