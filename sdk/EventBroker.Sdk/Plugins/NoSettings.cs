namespace EventBroker.Sdk.Plugins;

/// <summary>The settings class of a plugin that has no settings: naming any is an error.</summary>
public sealed class NoSettings
{
}
