using EventBroker.PluginHosting.Loading;
using EventBroker.Sdk.Authorization;
using EventBroker.Sdk.Interception;
using EventBroker.Sdk.Plugins;
using EventBroker.Sdk.Settings;
using EventBroker.Sdk.Transports;
using Microsoft.Extensions.Logging;

namespace EventBroker.PluginHosting;

/// <summary>The running plugins. Disposing stops them in the reverse order of their start.</summary>
public sealed class PluginHost : IAsyncDisposable
{
    /// <summary>How long a plugin may take to start.</summary>
    public static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly List<PluginInstance> _instances = [];
    private readonly ILogger _logger;

    private PluginHost(PluginPlan plan, ILogger logger)
    {
        Plugins = plan.Statuses;
        _logger = logger;
    }

    /// <summary>Gets the transports by their names.</summary>
    public IReadOnlyDictionary<string, ITransport> Transports =>
        _instances.Where(static i => i.Plan.Kind == PluginKind.Transport).ToDictionary(static i => i.Plan.Name, static i => (ITransport)i.Product);

    /// <summary>Gets the authorizers in their order.</summary>
    public IReadOnlyList<IAuthorizer> Authorizers => [.. Of<IAuthorizer>(PluginKind.Authorizer)];

    /// <summary>Gets the interceptors, the outermost first.</summary>
    public IReadOnlyList<IInterceptor> Interceptors => [.. Of<IInterceptor>(PluginKind.Interceptor)];

    /// <summary>Gets every plugin in the plugins directory with its state.</summary>
    public IReadOnlyList<PluginStatus> Plugins { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        for (var index = _instances.Count - 1; index >= 0; index--)
        {
            var instance = _instances[index];
            try
            {
                await instance.DisposeAsync();
            }
            catch (Exception exception)
            {
                // The others are to be stopped all the same.
                PluginHostLog.StopFailed(_logger, exception, instance.Plan.Plugin.Folder.Id, instance.Plan.Name);
            }
        }

        _instances.Clear();
    }

    internal static async Task<PluginHost> StartAsync(
        PluginPlan plan, TimeProvider timeProvider, ILoggerFactory loggerFactory, CancellationToken cancellationToken)
    {
        var logger = loggerFactory.CreateLogger<PluginHost>();
        var host = new PluginHost(plan, logger);
        foreach (var instance in plan.Instances)
        {
            using var timeout = new CancellationTokenSource(StartTimeout, timeProvider);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            try
            {
                host._instances.Add(await PluginInstance.CreateAsync(instance, timeProvider, loggerFactory, end.Token));
                PluginHostLog.Started(logger, instance.Plugin.Folder.Id, instance.Plugin.Folder.Manifest.Version, instance.Name);
            }
            catch (Exception exception)
            {
                await host.DisposeAsync();
                if (cancellationToken.IsCancellationRequested)
                {
                    throw;
                }

                throw Failure(instance, exception, timeout.IsCancellationRequested);
            }
        }

        foreach (var status in host.Plugins.Where(static s => s.State is PluginState.Failed or PluginState.Incompatible))
        {
            PluginHostLog.NotUsable(logger, status.Id, status.State, status.Reason);
        }

        return host;
    }

    private static PluginStartException Failure(PlannedInstance instance, Exception exception, bool timedOut)
    {
        var cause = PluginAssembly.Unwrap(exception);
        var assembly = Path.Combine(instance.Plugin.Folder.Directory, instance.Plugin.Folder.Manifest.EntryAssembly);
        var what = timedOut
            ? $"it did not start within {DurationText.Format(StartTimeout)}"
            : $"{cause.GetType().Name}: {cause.Message}";
        return new PluginStartException(
            new SettingsError
            {
                Path = instance.Path,
                Message = $"plugin '{instance.Plugin.Folder.Id}' ({assembly}) did not start: {what}; check its settings and what it connects to",
            },
            cause);
    }

    private IEnumerable<T> Of<T>(PluginKind kind) => _instances.Where(i => i.Plan.Kind == kind).Select(static i => (T)i.Product);
}
