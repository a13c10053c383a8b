using System.ComponentModel.DataAnnotations;
using Acme.Files;
using EventBroker.Sdk.Plugins;
using EventBroker.Sdk.Transports;

[assembly: EventBrokerPlugin(typeof(FilesPlugin))]

namespace Acme.Files;

/// <summary>Where the files are.</summary>
public sealed class FilesSettings
{
    /// <summary>Gets or sets the folder, made if it does not exist. One broker at a time.</summary>
    [Required]
    public string Directory { get; set; } = "";
}

/// <summary>Makes transports that keep each event in a file.</summary>
public sealed class FilesPlugin : TransportPlugin<FilesSettings>
{
    /// <inheritdoc/>
    protected override ValueTask<ITransport> CreateAsync(FilesSettings settings, PluginContext context, CancellationToken cancellationToken) =>
        new(new FileTransport(context.Name, settings.Directory));
}
