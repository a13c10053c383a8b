using EventBroker.Sdk.Errors;

namespace EventBroker.Sdk.Interception;

/// <summary>Stands around publishing, delivering and settling, on every protocol and over every transport.
/// Several stand around each other in the order of <c>plugins.json</c>, the first one outermost.</summary>
/// <remarks>
/// <para>Safe for concurrent use. An interceptor calls <c>next</c> once to let the message pass, throws a
/// <see cref="BrokerException"/> to refuse it, and may look at the outcome after <c>next</c>.
/// Where there is nothing to wait for, return <c>next(context)</c> itself: then the whole chain runs
/// synchronously.</para>
/// <para>A publish that does not call <c>next</c> is refused as not let through; a delivery that does not is withheld
/// from this subscriber and counts as settled; one that throws is released for redelivery; a settlement that throws or does
/// not call <c>next</c> leaves the message in flight.</para>
/// </remarks>
public interface IInterceptor
{
    /// <summary>Gets the stages that it takes part in; constant for its lifetime.</summary>
    InterceptionStages Stages { get; }

    /// <summary>Stands around the publishing of one message, after its publisher was authorized and the message has its id, its
    /// timestamp and a size within the limits; the messages of a batch pass by <see cref="PublishBatchAsync"/>. What a replacement adds is the interceptor's to answer for: only the backend checks it again.</summary>
    /// <param name="context">The message and its publisher.</param>
    /// <param name="next">The rest of the way; ends when the transport has taken the message.</param>
    /// <returns>A task that ends when the message is published.</returns>
    ValueTask PublishAsync(PublishContext context, PublishNext next) => next(context);

    /// <summary>Stands around the publishing of several messages of one event that go to the transport together. To refuse a
    /// message, set its <see cref="PublishBatchItem.Failure"/>; after <paramref name="next"/>, it tells what became of each. An exception
    /// decides all that have no failure yet.</summary>
    /// <remarks>By default the messages pass <see cref="PublishAsync"/> one after the other, each with a round trip of its own to the
    /// transport: right for every interceptor, and slow over a durable transport. One that need not stand around each message by
    /// itself implements this, too.</remarks>
    /// <param name="context">The messages and their publisher.</param>
    /// <param name="next">The rest of the way; called once for all, or for parts (<see cref="PublishBatchContext.Only"/>); leaves out
    /// those that have failed; ends when the transport has decided each.</param>
    /// <returns>A task that ends when all are decided.</returns>
    async ValueTask PublishBatchAsync(PublishBatchContext context, PublishBatchNext next)
    {
        ArgumentNullException.ThrowIfNull(context);
        foreach (var item in context.Items.Where(static i => i.Failure is null))
        {
            try
            {
                await PublishAsync(item.Context, async _ =>
                {
                    await next(context.Only(item)).ConfigureAwait(false);
                    if (item.Failure is { } failure)
                    {
                        throw failure;
                    }
                }).ConfigureAwait(false);
            }
            catch (BrokerException failure)
            {
                item.Failure ??= failure;
            }
#pragma warning disable CA1031 // Whatever it is, it decides this one message, as for one that is published alone.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                item.Failure ??= new BrokerException(BrokerErrorCode.Internal, "internal error", exception);
            }
        }
    }

    /// <summary>Stands around the delivery of one message to one subscriber, each attempt anew, before it is encoded for the
    /// connection. Waiting here holds up this subscriber's later messages and nobody else.</summary>
    /// <param name="context">The message and its subscriber.</param>
    /// <param name="next">The rest of the way; ends when the message is queued for the connection.</param>
    /// <returns>A task that ends when the message is on its way.</returns>
    ValueTask DeliverAsync(DeliverContext context, DeliverNext next) => next(context);

    /// <summary>Stands around the settlement of one message by its subscriber (not around deadlines and disconnects).</summary>
    /// <param name="context">The message and what becomes of it.</param>
    /// <param name="next">The rest of the way.</param>
    /// <returns>A task that ends when the message is settled.</returns>
    ValueTask SettleAsync(SettleContext context, SettleNext next) => next(context);
}
