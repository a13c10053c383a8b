using System.Reflection;
using System.Runtime.Loader;
using EventBroker.Sdk.Plugins;

namespace EventBroker.PluginHosting.Loading;

// The assemblies that host and plugins have in common: the SDK and everything that it refers to.
// As the default context of the plugin loader it resolves by name and ignores the version: a plugin built with a
// newer SDK or framework patch asks for a version that the host does not have, and the loader would take that failure
// for "not shared" and silently give the plugin types of its own.
internal sealed class SharedAssemblies : AssemblyLoadContext
{
    public static readonly SharedAssemblies Context = new();

    private readonly AssemblyLoadContext _host = GetLoadContext(typeof(IPlugin).Assembly) ?? Default;
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);

    private SharedAssemblies()
        : base("EventBroker.Shared") => Collect(typeof(IPlugin).Assembly);

    public bool Contains(string assemblyName) => _names.Contains(assemblyName);

    protected override Assembly? Load(AssemblyName assemblyName) =>
        assemblyName.Name is { } name && Contains(name) ? _host.LoadFromAssemblyName(new AssemblyName(name)) : null;

    private void Collect(Assembly assembly)
    {
        if (assembly.GetName().Name is { } name && _names.Add(name))
        {
            foreach (var reference in assembly.GetReferencedAssemblies())
            {
                Collect(_host.LoadFromAssemblyName(reference));
            }
        }
    }
}
