namespace EventBroker.Client.Subscribing;

/// <summary>Starts what goes on for long without the surroundings of whoever starts it: his trace, long ended, and his async locals would show
/// in every message handled.</summary>
internal static class Detached
{
    public static Task Run(Func<Task> work) => Create(() => Task.Run(work));

    public static T Create<T>(Func<T> create)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            return create();
        }

        using (ExecutionContext.SuppressFlow())
        {
            return create();
        }
    }
}
