using EventBroker.Sdk.Interception;
using Microsoft.Extensions.Logging;

namespace EventBroker.Interceptor.Logging;

// Where the level is not shown, messages are handed on as they are, without a state machine around them.
internal sealed class LoggingInterceptor : IInterceptor
{
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly LogLevel _level;

    public LoggingInterceptor(LoggingSettings settings, ILogger logger, TimeProvider time)
    {
        _logger = logger;
        _time = time;
        _level = settings.Level == MessageLogLevel.Trace ? LogLevel.Trace : LogLevel.Debug;
        Stages = (settings.Publish ? InterceptionStages.Publish : InterceptionStages.None)
            | (settings.Deliver ? InterceptionStages.Deliver : InterceptionStages.None)
            | (settings.Settle ? InterceptionStages.Settle : InterceptionStages.None);
    }

    public InterceptionStages Stages { get; }

    public ValueTask PublishAsync(PublishContext context, PublishNext next) =>
        _logger.IsEnabled(_level) ? LogPublishAsync(context, next) : next(context);

    public ValueTask DeliverAsync(DeliverContext context, DeliverNext next) =>
        _logger.IsEnabled(_level) ? LogDeliverAsync(context, next) : next(context);

    public ValueTask SettleAsync(SettleContext context, SettleNext next) =>
        _logger.IsEnabled(_level) ? LogSettleAsync(context, next) : next(context);

#pragma warning disable CA1873 // The methods below run only where the level is shown.

    private async ValueTask LogPublishAsync(PublishContext context, PublishNext next)
    {
        var start = _time.GetTimestamp();
        try
        {
            await next(context);
        }
        catch (Exception exception)
        {
            MessageLog.NotPublished(
                _logger, _level, context.EventName, context.Message.GetId(), context.Message.Length, context.Caller.Protocol, Elapsed(start), exception.Message);
            throw;
        }

        MessageLog.Published(
            _logger, _level, context.EventName, context.Message.GetId(), context.Message.Length, context.Caller.Protocol, Elapsed(start));
    }

    private async ValueTask LogDeliverAsync(DeliverContext context, DeliverNext next)
    {
        var start = _time.GetTimestamp();
        try
        {
            await next(context);
        }
        catch (Exception exception)
        {
            MessageLog.NotDelivered(
                _logger,
                _level,
                context.EventName,
                context.Message.GetId(),
                context.Message.Length,
                context.Caller.Protocol,
                context.RetryCount,
                Elapsed(start),
                exception.Message);
            throw;
        }

        MessageLog.Delivered(
            _logger,
            _level,
            context.EventName,
            context.Message.GetId(),
            context.Message.Length,
            context.Caller.Protocol,
            context.RetryCount,
            Elapsed(start));
    }

    private async ValueTask LogSettleAsync(SettleContext context, SettleNext next)
    {
        var start = _time.GetTimestamp();
        try
        {
            await next(context);
        }
        catch (Exception exception)
        {
            MessageLog.NotSettled(
                _logger,
                _level,
                context.EventName,
                context.Message.GetId(),
                context.Message.Length,
                context.Caller.Protocol,
                context.Settlement,
                Elapsed(start),
                exception.Message);
            throw;
        }

        MessageLog.Settled(
            _logger,
            _level,
            context.EventName,
            context.Message.GetId(),
            context.Message.Length,
            context.Caller.Protocol,
            context.Settlement,
            Elapsed(start));
    }

    private double Elapsed(long start) => Math.Round(_time.GetElapsedTime(start).TotalMilliseconds, 3);
}
