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
    // How long one that is being started gets to clean up when the host is told to stop.
    private static readonly TimeSpan Leave = TimeSpan.FromSeconds(2);

    private readonly List<PluginInstance> _instances = [];
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    private PluginHost(PluginPlan plan, TimeProvider time, ILogger logger)
    {
        Plugins = plan.Statuses;
        _timeout = plan.Timeout;
        _time = time;
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
                // On a thread that it may keep: what hangs is left behind.
                await Task.Run(async () => await instance.DisposeAsync()).WaitAsync(_timeout, _time);
            }
            catch (TimeoutException)
            {
                PluginHostLog.StopTimedOut(_logger, instance.Plan.Plugin.Folder.Id, instance.Plan.Name, _timeout);
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
        var host = new PluginHost(plan, timeProvider, logger);
        foreach (var instance in plan.Instances)
        {
            using var timeout = new CancellationTokenSource(plan.Timeout, timeProvider);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            var token = end.Token;

            // As in stopping: a plugin may not heed the token, or not even give the thread back.
            var started = Task.Run(() => PluginInstance.CreateAsync(instance, timeProvider, loggerFactory, token), CancellationToken.None);
            try
            {
                host._instances.Add(await started.WaitAsync(token));
                PluginHostLog.Started(logger, instance.Plugin.Folder.Id, instance.Plugin.Folder.Manifest.Version, instance.Name);
            }
            catch (Exception exception)
            {
                var ending = EndLateAsync(started, instance, logger);
                await host.DisposeAsync();
                if (cancellationToken.IsCancellationRequested)
                {
                    // It has got the token, and may have to give something back before the process ends.
                    await Task.WhenAny(ending, Task.Delay(Leave, timeProvider, CancellationToken.None));
                    throw new OperationCanceledException("told to stop while plugins were starting", exception, cancellationToken);
                }

                throw Failure(instance, exception, timeout.IsCancellationRequested ? plan.Timeout : null);
            }
        }

        foreach (var status in host.Plugins.Where(static s => s.State is PluginState.Failed or PluginState.Incompatible))
        {
            PluginHostLog.NotUsable(logger, status.Id, status.State, status.Reason);
        }

        return host;
    }

    // Nobody waits for it any more: if it starts after all, it is stopped again.
    private static async Task EndLateAsync(Task<PluginInstance> starting, PlannedInstance instance, ILogger logger)
    {
        await Task.WhenAny(starting);
        if (!starting.IsCompletedSuccessfully)
        {
            // It did not start, as is said elsewhere.
            return;
        }

        try
        {
            await (await starting).DisposeAsync();
        }
        catch (Exception exception)
        {
            PluginHostLog.StopFailed(logger, exception, instance.Plugin.Folder.Id, instance.Name);
        }
    }

    private static PluginStartException Failure(PlannedInstance instance, Exception exception, TimeSpan? timeout)
    {
        var cause = PluginAssembly.Unwrap(exception);
        var assembly = Path.Combine(instance.Plugin.Folder.Directory, instance.Plugin.Folder.Manifest.EntryAssembly);
        var what = timeout is { } given
            ? $"it did not start within pluginTimeout ({DurationText.Format(given)})"
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
