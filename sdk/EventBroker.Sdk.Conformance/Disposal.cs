namespace EventBroker.Sdk.Conformance;

/// <summary>Ends what can be ended, as the host does.</summary>
internal static class Disposal
{
    public static async ValueTask EndAsync(object? ended)
    {
        switch (ended)
        {
            case IAsyncDisposable disposable:
                await disposable.DisposeAsync().ConfigureAwait(false);
                break;
            case IDisposable disposable:
                disposable.Dispose();
                break;
            default:
                break;
        }
    }
}
