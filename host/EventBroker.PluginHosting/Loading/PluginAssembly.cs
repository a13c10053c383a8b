using System.Reflection;
using EventBroker.PluginHosting.Configuration;
using EventBroker.PluginHosting.Manifests;
using EventBroker.Sdk.Plugins;
using McMaster.NETCore.Plugins;

namespace EventBroker.PluginHosting.Loading;

// Loads the code of one plugin into a context of its own and makes its plugin class.
internal static class PluginAssembly
{
    public static LoadedPlugin Load(PluginFolder folder, PluginPin? pin)
    {
        if (pin is not null)
        {
            FileHashes.Check(folder.Directory, folder.Id, pin);
        }

        var path = Path.Combine(folder.Directory, folder.Manifest.EntryAssembly);
        EntryAssembly.Check(path);
        DependencyAssets.Check(path);
        try
        {
            // One type of the SDK is enough: everything that its assembly refers to is shared with it.
            var loader = PluginLoader.CreateFromAssemblyFile(
                path, sharedTypes: [typeof(IPlugin)], config => config.DefaultContext = SharedAssemblies.Context);
            var plugin = Create(loader.LoadDefaultAssembly(), folder.Manifest.Kind!.Value, path);
            return new LoadedPlugin
            {
                Folder = folder,
                Plugin = plugin,
                SettingsType = plugin.SettingsType ?? throw new PluginLoadException($"{path}: {plugin.GetType()} has no SettingsType; return typeof(NoSettings)"),
            };
        }
        catch (BadImageFormatException exception)
        {
            throw EntryAssembly.Damaged(path, exception);
        }
        catch (Exception exception) when (exception is not PluginLoadException)
        {
            // Whatever a plugin's code throws while it is loaded is this plugin's fault, not the host's.
            var cause = Unwrap(exception);
            throw new PluginLoadException($"{path} can't be loaded: {cause.GetType().Name}: {cause.Message} {Advice(cause)}", cause);
        }
    }

    // What the runtime puts around an exception says nothing that an operator could use.
    public static Exception Unwrap(Exception exception) => exception switch
    {
        TargetInvocationException { InnerException: { } inner } => Unwrap(inner),
        TypeInitializationException { InnerException: { } inner } => Unwrap(inner),
        ReflectionTypeLoadException { LoaderExceptions: [{ } first, ..] } => Unwrap(first),
        _ => exception,
    };

    private static IPlugin Create(Assembly assembly, PluginKind kind, string path)
    {
        var type = assembly.GetCustomAttribute<EventBrokerPluginAttribute>()?.PluginType
            ?? throw new PluginLoadException(
                $"{path} does not say which class the plugin is; its author adds [assembly: EventBrokerPlugin(typeof(…))]");
        if (!type.IsVisible || type.IsAbstract || type.GetConstructor(Type.EmptyTypes) is null)
        {
            throw new PluginLoadException($"{path}: the plugin class {type} must be public, not abstract, and have a public constructor without parameters");
        }

        var contract = kind switch
        {
            PluginKind.Transport => typeof(ITransportPlugin),
            PluginKind.Authorizer => typeof(IAuthorizerPlugin),
            _ => typeof(IInterceptorPlugin),
        };
        if (!type.IsAssignableTo(contract))
        {
            throw new PluginLoadException(
                $"{path}: the plugin class {type} does not implement {contract.Name}, which plugin.json promises by \"kind\": \"{kind}\"");
        }

        try
        {
            return (IPlugin)Activator.CreateInstance(type)!;
        }
        catch (TargetInvocationException exception)
        {
            var cause = Unwrap(exception);
            throw new PluginLoadException(
                $"{path}: the constructor of {type} failed: {cause.GetType().Name}: {cause.Message.TrimEnd('.')}. Ask the plugin's author, or remove the plugin from plugins.json.",
                cause);
        }
    }

    private static string Advice(Exception cause) => cause switch
    {
        FileNotFoundException => "Copy the plugin's complete build output.",
        TypeLoadException or MissingMemberException => "It was built for another version of the SDK or of a dependency; build it again for this host.",
        _ => "Ask the plugin's author, or remove the plugin from plugins.json.",
    };
}
