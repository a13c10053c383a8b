namespace EventBroker.Host.Startup;

internal static partial class HostLog
{
    [LoggerMessage(EventId = 3000, Level = LogLevel.Information, Message = "Serving {Name} on {Address}")]
    public static partial void Serving(ILogger logger, string name, Listening.ListenAddress address);

    [LoggerMessage(EventId = 3001, Level = LogLevel.Information, Message = "Plugin {Plugin} {Version} is {State}: {Detail}")]
    public static partial void Plugin(ILogger logger, string plugin, string version, EventBroker.Sdk.Plugins.PluginState state, string detail);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Warning, Message = "No authorizer is configured: every call is denied")]
    public static partial void NoAuthorizer(ILogger logger);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Information, Message = "Stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(EventId = 3004, Level = LogLevel.Information, Message = "Transport {Name} ({Plugin}) delivers {Guarantee}; native: {Native}; emulated: {Emulated}; unsupported: {Unsupported}")]
    public static partial void Transport(
        ILogger logger, string name, string plugin, string guarantee, string native, string emulated, string unsupported);

    [LoggerMessage(EventId = 3005, Level = LogLevel.Information, Message = "Certificate {Path} has changed and is used from now on: {Subject}, valid until {End:u}")]
    public static partial void CertificateRenewed(ILogger logger, string path, string subject, DateTime end);

    [LoggerMessage(EventId = 3006, Level = LogLevel.Warning, Message = "Certificate {Path} has changed and can't be used: {Reason} The last good one stays in use, valid until {End:u}")]
    public static partial void CertificateKept(ILogger logger, string path, string reason, DateTime end);

    [LoggerMessage(EventId = 3007, Level = LogLevel.Critical, Message = "An exception that nobody caught, on a thread of {Origin}, ends the broker")]
    public static partial void Crashed(ILogger logger, Exception exception, string origin);
}
