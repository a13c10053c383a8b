using EventBroker.Client.Options;

namespace EventBroker.Client.Bus;

/// <summary>Copies options, so that what is in force can't be changed from outside.</summary>
internal static class HandlerOptionsSnapshot
{
    public static HandlerOptions Of(HandlerOptions options)
    {
        var copy = new HandlerOptions
        {
            Subscription = OptionsSnapshot.Of(options.Subscription),
            Concurrency = options.Concurrency,
            HandlerTimeout = options.HandlerTimeout,
            Retry = OptionsSnapshot.Of(options.Retry),
            ShouldRetry = options.ShouldRetry,
            MaxAttempts = options.MaxAttempts,
            NackDelay = options.NackDelay,
            ExtendWhileHandling = options.ExtendWhileHandling,
            MaxExtension = options.MaxExtension,
            Undecodable = options.Undecodable,
            DeadLetterEvent = options.DeadLetterEvent,
            StopTimeout = options.StopTimeout,
        };
        foreach (var middleware in options.Middleware)
        {
            copy.Middleware.Add(middleware);
        }

        return copy;
    }
}
