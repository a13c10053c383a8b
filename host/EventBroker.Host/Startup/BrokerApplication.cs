using System.Net.Sockets;
using EventBroker.Broker.Capabilities;
using EventBroker.Endpoints;
using EventBroker.Host.Configuration;
using EventBroker.Host.Listening;
using EventBroker.PluginHosting;
using Microsoft.Extensions.Options;
using Serilog;
using Serilog.Extensions.Logging;

namespace EventBroker.Host.Startup;

// Puts the parts together and runs them until the process is told to stop.
internal static class BrokerApplication
{
    public static async Task<int> RunAsync(string[] args)
    {
        var line = CommandLine.Read(args);
        var plan = HostPlan.Read(line.Configuration);
        if (!line.Serves)
        {
            return await TransportCommands.RunAsync(line, plan.Plugins, Console.Out);
        }

        await ServeAsync(plan);
        return 0;
    }

    private static async Task ServeAsync(HostPlan plan)
    {
        await using var logger = LogSetup.CreateLogger(plan.Configuration.Logging);
        using var loggerFactory = new SerilogLoggerFactory(logger);
        var log = loggerFactory.CreateLogger("EventBroker.Host");
        CrashLog.Watch(logger, log);

        await using var plugins = await StartPluginsAsync(plan, loggerFactory);
        var ports = static () => { };
        await using var app = Build(plan, plugins, logger, apply => ports = apply);
        await StartAsync(app);
        ports();
        Announce(plan, plugins, log);
        await app.WaitForShutdownAsync();
        HostLog.Stopped(log);
    }

    private static async Task<PluginHost> StartPluginsAsync(HostPlan plan, ILoggerFactory loggerFactory)
    {
        try
        {
            return await plan.Plugins.StartAsync(TimeProvider.System, loggerFactory, CancellationToken.None);
        }
        catch (PluginStartException exception)
        {
            throw new StartFault($"{plan.File}: {exception.Message}", exception);
        }
    }

    // The empty builder: plugins.json is the only configuration, and no variable such as ASPNETCORE_URLS opens another port.
    private static WebApplication Build(HostPlan plan, PluginHost plugins, Serilog.ILogger logger, Action<Action> keepPorts)
    {
        var configuration = plan.Configuration;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "EventBroker.Host" });
        builder.WebHost.UseKestrel(options => keepPorts(KestrelSetup.Apply(options, plan.Listen, configuration.Limits)));
        builder.Services.AddSerilog(logger);
        builder.Services.AddRouting();
        var hosts = HostNames.Allowed(configuration, plan.Listen);
        builder.Services.AddHostFiltering(options => options.AllowedHosts = [.. hosts]);

        // Draining has its own time; then the server gets a little to close its connections.
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = configuration.DrainTimeout + TimeSpan.FromSeconds(5));
        builder.Services.AddEventBroker(options =>
        {
            options.Setup = _ => plan.CreateSetup(plugins);
            options.Reflection = configuration.Reflection;
            options.HeartbeatInterval = configuration.Heartbeat;
            options.DrainTimeout = configuration.DrainTimeout;
            foreach (var origin in configuration.AllowedOrigins)
            {
                options.AllowedOrigins.Add(origin);
            }
        });
        var app = builder.Build();
        if (!hosts.Contains(HostNames.All))
        {
            app.UseHostFiltering();
        }

        app.Use(KestrelSetup.ResponseRate(configuration.Limits));
        app.MapEventBroker();
        return app;
    }

    private static async Task StartAsync(WebApplication app)
    {
        try
        {
            await app.StartAsync();
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw new StartFault($"{exception.Message.TrimEnd('.')}. Stop what uses the address, or change \"listen\" in plugins.json.", exception);
        }
        catch (OptionsValidationException exception)
        {
            throw new StartFault(string.Join(Environment.NewLine, exception.Failures), exception);
        }
    }

    private static void Announce(HostPlan plan, PluginHost plugins, Microsoft.Extensions.Logging.ILogger log)
    {
        if (plan.Configuration.Logging.Format == LogFormat.Console)
        {
            Console.Out.WriteLine(Banner.Write(plan, plugins));
            return;
        }

        foreach (var address in plan.Listen.Addresses)
        {
            HostLog.Serving(log, address.Name, address);
        }

        foreach (var plugin in plugins.Plugins)
        {
            HostLog.Plugin(log, plugin.Id, plugin.Version, plugin.State, plugin.Reason);
        }

        foreach (var (name, transport) in plugins.Transports)
        {
            var can = EffectiveCapabilities.Of(transport.Capabilities);
            var plugin = plan.Configuration.Transports[name].Plugin;
            var guarantee = CapabilityText.Guarantee(transport.Capabilities);
            var native = CapabilityText.List(can, CapabilitySupport.Native);
            var emulated = CapabilityText.List(can, CapabilitySupport.Emulated);
            var unsupported = CapabilityText.List(can, CapabilitySupport.Unsupported);
            HostLog.Transport(log, name, plugin, guarantee, native, emulated, unsupported);
        }

        if (plugins.Authorizers.Count == 0)
        {
            HostLog.NoAuthorizer(log);
        }
    }
}
