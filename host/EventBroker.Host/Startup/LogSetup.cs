using EventBroker.Host.Configuration;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Formatting.Compact;

namespace EventBroker.Host.Startup;

internal static class LogSetup
{
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

    // The framework takes a connection that breaks while it reads a call's message for an error of the method. Ours never throw this.
    private static bool IsOfClientGone(LogEvent entry) =>
        entry.Exception is IOException
        && entry.Properties.TryGetValue(Constants.SourceContextPropertyName, out var source)
        && source is ScalarValue { Value: string category }
        && category.StartsWith("Grpc.AspNetCore.Server", StringComparison.Ordinal);
}
