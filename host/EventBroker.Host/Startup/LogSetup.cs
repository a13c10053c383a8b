using System.Net.Security;
using System.Net.Sockets;
using EventBroker.Host.Configuration;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Formatting.Compact;

namespace EventBroker.Host.Startup;

internal static class LogSetup
{
    private const string Server = "Microsoft.AspNetCore.Server.Kestrel";
    private const string Template = "{Timestamp:yyyy-MM-dd HH:mm:ss.fff zzz} {Level:u3} {Message:lj}{NewLine}{Exception}";

    public static Logger CreateLogger(LoggingSettings settings)
    {
        var level = settings.Level == LogLevel.None ? LevelAlias.Off : LevelConvert.ToSerilogLevel(settings.Level);
        var frameworkLevel = level > LogEventLevel.Warning ? level : LogEventLevel.Warning;
        var logger = new LoggerConfiguration()
            .MinimumLevel.Is(level)
            .MinimumLevel.Override("Microsoft", frameworkLevel)
            .MinimumLevel.Override("Grpc", frameworkLevel)

            // A failed start is told once, by the program, without a stack trace.
            .MinimumLevel.Override("Microsoft.Extensions.Hosting", LevelAlias.Off)

            // Readiness that tells of a drain is no error, however often it is asked for.
            .MinimumLevel.Override("Microsoft.Extensions.Diagnostics.HealthChecks", LevelAlias.Off)
            .Filter.ByExcluding(IsOfClientGone)
            .Enrich.FromLogContext();
        return settings.Format == LogFormat.Json
            ? logger.WriteTo.Console(new RenderedCompactJsonFormatter()).CreateLogger()
            : logger.WriteTo.Console(outputTemplate: Template, formatProvider: System.Globalization.CultureInfo.InvariantCulture).CreateLogger();
    }

    // What frameworks take for faults of ours, and no operator can do anything about: gRPC a connection that breaks while it reads a call's
    // message; the server a body that is cut off after a part of it was looked at, a connection that the system has ended in the midst of a
    // write, as writeTimeout has it, because the other side takes nothing, and one whose TLS the other side has broken.
    private static bool IsOfClientGone(LogEvent entry) =>
        (entry.Exception is IOException && IsOf(entry, "Grpc.AspNetCore.Server"))
        || (entry.Exception is InvalidOperationException
            && entry.MessageTemplate.Text == "Connection processing ended abnormally."
            && IsOf(entry, Server))
        || (entry.Exception is SocketException { SocketErrorCode: SocketError.TimedOut } && IsOf(entry, Server))
        || (entry.Exception is IOException { InnerException: { } cause } && cause.GetType().Assembly == typeof(SslStream).Assembly && IsOf(entry, Server));

    private static bool IsOf(LogEvent entry, string category) =>
        entry.Properties.TryGetValue(Constants.SourceContextPropertyName, out var source)
        && source is ScalarValue { Value: string name }
        && name.StartsWith(category, StringComparison.Ordinal);
}
