using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;

namespace EventBroker.Sdk.Settings;

/// <summary>Binds a piece of configuration to a settings class and checks it, collecting every mistake with its JSON path.</summary>
/// <remarks>
/// <para>Understood are public settable properties (and collections behind a getter) of the types string, bool,
/// integers, double, decimal, enums (in any case, with or without hyphens), <see cref="TimeSpan"/> (<see cref="DurationText"/>),
/// <see cref="ByteSize"/>, <see cref="Uri"/>, nested classes, lists, and dictionaries with string keys. An integer property whose name ends in
/// <c>Bytes</c> may be given with a unit. A property of type <see cref="IConfigurationSection"/> gets its section unread.</para>
/// <para>A string or URI can be given as <c>{ "fromEnvironment": "NAME" }</c> or <c>{ "fromFile": "/path" }</c>.</para>
/// <para>Checked are unknown keys, the attributes of <c>System.ComponentModel.DataAnnotations</c>, and, once the parts are
/// right by themselves, <c>IValidatableObject</c>.</para>
/// </remarks>
public static class SettingsBinder
{
    /// <summary>Binds and checks settings.</summary>
    /// <typeparam name="TSettings">The settings class.</typeparam>
    /// <param name="configuration">The settings as they were written.</param>
    /// <param name="path">Their JSON path, <see cref="SettingsPath.Root"/> for a whole document.</param>
    /// <param name="errors">Gets the mistakes.</param>
    /// <param name="settings">The settings, when they are right.</param>
    /// <returns>Whether there was no mistake.</returns>
    public static bool TryBind<TSettings>(
        IConfiguration configuration, string path, ICollection<SettingsError> errors, [NotNullWhen(true)] out TSettings? settings)
        where TSettings : class, new()
    {
        var bound = TryBind(configuration, typeof(TSettings), path, errors, out var value);
        settings = (TSettings?)value;
        return bound;
    }

    /// <summary>Binds and checks settings.</summary>
    /// <param name="configuration">The settings as they were written.</param>
    /// <param name="type">The settings class; it has a public parameterless constructor.</param>
    /// <param name="path">Their JSON path, <see cref="SettingsPath.Root"/> for a whole document.</param>
    /// <param name="errors">Gets the mistakes.</param>
    /// <param name="settings">The settings, when they are right.</param>
    /// <returns>Whether there was no mistake.</returns>
    public static bool TryBind(
        IConfiguration configuration, Type type, string path, ICollection<SettingsError> errors, [NotNullWhen(true)] out object? settings)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(errors);

        var before = errors.Count;
        settings = new ObjectReader(errors).Read(configuration, type, path);
        if (errors.Count > before)
        {
            settings = null;
        }

        return settings is not null;
    }

    /// <summary>Binds and checks settings as far as they can be read, for a reader that goes on to look for further mistakes.</summary>
    /// <typeparam name="TSettings">The settings class.</typeparam>
    /// <param name="configuration">The settings as they were written.</param>
    /// <param name="path">Their JSON path, <see cref="SettingsPath.Root"/> for a whole document.</param>
    /// <param name="errors">Gets the mistakes.</param>
    /// <returns>The settings; what is wrong in them has its default value.</returns>
    public static TSettings BindWhatIsRight<TSettings>(IConfiguration configuration, string path, ICollection<SettingsError> errors)
        where TSettings : class, new()
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(errors);
        return (TSettings?)new ObjectReader(errors).Read(configuration, typeof(TSettings), path) ?? new TSettings();
    }
}
