namespace EventBroker.Client.Tests.Scenarios;

// How long a broker is away. In every run of the suite once, and shortly; with EVENTBROKER_LONG_SCENARIOS=1 as long as in a bad week.
internal static class Outages
{
    public static bool AreLong => Environment.GetEnvironmentVariable("EVENTBROKER_LONG_SCENARIOS") == "1";

    public static IEnumerable<int> Restarts => AreLong ? [2, 8, 20, 120] : [1];

    public static int Freeze => AreLong ? 60 : 1;

    // The time itself is what the scenario is about.
    public static Task LastAsync(int seconds) => Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System);
}
