namespace EventBroker.FunctionalTests.RealClients;

internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "EventBroker.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("EventBroker.sln was not found above the tests");
        }

        return folder.FullName;
    }
}
