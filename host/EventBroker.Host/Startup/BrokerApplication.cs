using System.Net.Sockets;
using System.Reflection;
using EventBroker.Broker.Capabilities;
using EventBroker.Endpoints;
using EventBroker.Host.Configuration;
using EventBroker.Host.Listening;
using EventBroker.Host.Memory;
using EventBroker.PluginHosting;
using EventBroker.Sdk.Plugins;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Serilog;
using Serilog.Extensions.Logging;

namespace EventBroker.Host.Startup;

// Puts the parts together and runs them until the process is told to stop.
internal static class BrokerApplication
{
    // What a load balancer needs to hear of it, where there may be one.
    private static readonly TimeSpan DefaultLameDuck = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(string[] args)
    {
        var line = CommandLine.Read(args);
        switch (line.Kind)
        {
            case CommandKind.Help:
                await Console.Out.WriteLineAsync(CommandLine.Usage);
                return 0;
            case CommandKind.Version:
                await Console.Out.WriteLineAsync(Version());
                return 0;
            case CommandKind.Check:
                // Whatever is wrong is thrown, all of it at once.
                HostPlan.Read(line.Configuration);
                await Console.Out.WriteLineAsync("ok");
                return 0;
            case CommandKind.Transport:
                return await TransportCommands.RunAsync(line, HostPlan.Read(line.Configuration).Plugins, Console.Out);
            default:
                using (var signals = new StopSignals())
                {
                    await ReadAndServeAsync(line.Configuration, signals.Token);
                }

                return 0;
        }
    }

    // Without the build's mark behind it.
    private static string Version() =>
        $"EventBroker {typeof(BrokerApplication).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]}, SDK contract {SdkContract.Version}";

    private static async Task ReadAndServeAsync(string configuration, CancellationToken stop)
    {
        HostPlan plan;
        try
        {
            // Reading runs plugins' constructors, and those may take their time.
            plan = await Task.Run(() => HostPlan.Read(configuration), CancellationToken.None).WaitAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Told to stop before there is a log to say so in.
            return;
        }

        await ServeAsync(plan, stop);
    }

    private static async Task ServeAsync(HostPlan plan, CancellationToken stop)
    {
        await using var logger = LogSetup.CreateLogger(plan.Configuration.Logging);
        using var loggerFactory = new SerilogLoggerFactory(logger);
        var log = loggerFactory.CreateLogger("EventBroker.Host");
        CrashLog.Watch(logger, log);
        try
        {
            await using var plugins = await StartPluginsAsync(plan, loggerFactory, stop);
            var kestrel = new KestrelSetup(plan.Listen, plan.Configuration.Limits);
            await using var app = Build(plan, plugins, logger, kestrel);
            await StartAsync(app, stop);
            kestrel.TakePorts();
            Announce(plan, plugins, log);
            await using var stopping = stop.Register(app.Lifetime.StopApplication);
            await app.WaitForShutdownAsync(CancellationToken.None);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Told to stop before it had started.
        }

        HostLog.Stopped(log);
    }

    private static async Task<PluginHost> StartPluginsAsync(HostPlan plan, ILoggerFactory loggerFactory, CancellationToken stop)
    {
        try
        {
            return await plan.Plugins.StartAsync(TimeProvider.System, loggerFactory, stop);
        }
        catch (PluginStartException exception)
        {
            throw new StartFault($"{plan.File}: {exception.Message}", exception);
        }
    }

    // The empty builder: plugins.json is the only configuration, and no variable such as ASPNETCORE_URLS opens another port.
    private static WebApplication Build(HostPlan plan, PluginHost plugins, Serilog.ILogger logger, KestrelSetup kestrel)
    {
        var configuration = plan.Configuration;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "EventBroker.Host" });
        builder.WebHost.UseKestrel(kestrel.Apply);
        builder.Services.AddSerilog(logger);
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, ConnectionBlocks>();
        builder.Services.AddHostedService(static _ => new MemoryReturn(TimeProvider.System));
        builder.Services.AddRouting();
        var hosts = HostNames.Allowed(configuration, plan.Listen);
        builder.Services.AddHostFiltering(options => options.AllowedHosts = [.. hosts]);

        // Leaving and draining have their own times; then the server gets a little to close its connections.
        var lameDuck = configuration.LameDuck ?? (plan.Listen.Addresses.All(static a => a.IsLoopback) ? TimeSpan.Zero : DefaultLameDuck);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = lameDuck + configuration.DrainTimeout + TimeSpan.FromSeconds(5));
        builder.Services.AddEventBroker(options =>
        {
            options.Setup = _ => plan.CreateSetup(plugins);
            options.Reflection = configuration.Reflection;
            options.HeartbeatInterval = configuration.Heartbeat;
            options.PongTimeout = configuration.PongTimeout;
            options.WriteTimeout = configuration.WriteTimeout;
            options.MinBytesPerSecond = configuration.Limits.MinBytesPerSecond;
            options.LameDuck = lameDuck;
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

        app.Use(kestrel.LimitResponseRate);
        app.MapEventBroker();
        return app;
    }

    private static async Task StartAsync(WebApplication app, CancellationToken stop)
    {
        try
        {
            await app.StartAsync(stop);
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
