namespace EventBroker.FunctionalTests.Crash;

// A client's time with one life of a host.
internal readonly record struct Stay(CrashHost Host, int Life)
{
    public bool IsOver => Host.Lives.IsOver(Life);
}
