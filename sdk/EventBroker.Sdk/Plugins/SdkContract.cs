namespace EventBroker.Sdk.Plugins;

/// <summary>The version of the contract between host and plugins.</summary>
public static class SdkContract
{
    /// <summary>The version of this SDK, <c>major.minor</c>. A manifest names the range it was built for; a minor version
    /// only adds, with default implementations, so a plugin runs on any host of the same major version that is not older.</summary>
    public const string Version = "2.0";
}
