using System.Runtime.ExceptionServices;
using EventBroker.Sdk.Settings;

namespace EventBroker.PluginHosting.Loading;

// Runs what is a plugin's own code although nothing is started yet: its constructor, its settings. On a thread that it may keep.
internal static class PluginCode
{
    public static T Run<T>(Func<T> code, TimeSpan timeout)
    {
        var result = default(T);
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = code();
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        })
        {
            IsBackground = true,
        };
        thread.Start();
        if (!thread.Join(timeout))
        {
            throw new TimeoutException($"it did not come back within pluginTimeout ({DurationText.Format(timeout)})");
        }

        failure?.Throw();
        return result!;
    }
}
