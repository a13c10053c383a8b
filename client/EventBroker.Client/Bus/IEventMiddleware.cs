namespace EventBroker.Client;

/// <summary>Something around handlers.</summary>
/// <remarks>
/// <para>From the outside in, once per delivery: the span <c>process {event}</c>, the measurement and the log of a failure; the decoding of
/// the payload, so that middleware does not see what could not be decoded; the service scope of the message; the middleware of the bus,
/// then that of the handler, each in the order in which it was added; the retries of <see cref="HandlerOptions.Retry"/>; and the
/// handler. So middleware runs once however often the handler is tried, sees the exception of the last attempt, and
/// <see cref="HandlerOptions.HandlerTimeout"/> covers all of it.</para>
/// <para>What comes out of the outermost middleware decides: a return acks, also if the handler was not called, an exception gives the
/// message back.</para>
/// </remarks>
public interface IEventMiddleware
{
    /// <summary>Handles a message on its way to the handler.</summary>
    /// <param name="context">The message.</param>
    /// <param name="next">The rest of the way to the handler, and the handler; to be called with the same context. Its task ends with the handler:
    /// with its exception where it has thrown one.</param>
    /// <returns>A task that ends when the message is handled.</returns>
    Task InvokeAsync(EventContext context, Func<EventContext, Task> next);
}
