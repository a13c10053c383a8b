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

    public ValueTask PublishAsync(PublishContext context, PublishNext next) => _logger.IsEnabled(_level)
        ? TimeAsync((context, next), static call => call.next(call.context), (call, elapsed, reason) => WritePublish(call.context, elapsed, reason))
        : next(context);

    public ValueTask PublishBatchAsync(PublishBatchContext context, PublishBatchNext next) => _logger.IsEnabled(_level)
        ? TimeBatchAsync(context, next)
        : next(context);

    public ValueTask DeliverAsync(DeliverContext context, DeliverNext next) => _logger.IsEnabled(_level)
        ? TimeAsync((context, next), static call => call.next(call.context), WriteDelivery)
        : next(context);

    public ValueTask SettleAsync(SettleContext context, SettleNext next) => _logger.IsEnabled(_level)
        ? TimeAsync((context, next), static call => call.next(call.context), WriteSettlement)
        : next(context);

    // The reason is null where all went well.
    private async ValueTask TimeAsync<TCall>(TCall call, Func<TCall, ValueTask> run, Action<TCall, double, string?> write)
    {
        var start = _time.GetTimestamp();
        try
        {
            await run(call);
        }
        catch (Exception exception)
        {
            write(call, Elapsed(start), exception.Message);
            throw;
        }

        write(call, Elapsed(start), null);
    }

    // The batch stays one, so all of it takes the same time; each message has its line.
    private async ValueTask TimeBatchAsync(PublishBatchContext context, PublishBatchNext next)
    {
        // What another interceptor has refused before does not come this way.
        var items = context.Items.Where(static i => i.Failure is null).ToList();
        var start = _time.GetTimestamp();
        try
        {
            await next(context);
        }
        catch (Exception exception)
        {
            WriteBatch(items, Elapsed(start), exception.Message);
            throw;
        }

        WriteBatch(items, Elapsed(start), null);
    }

    private void WriteBatch(List<PublishBatchItem> items, double elapsed, string? reason)
    {
        foreach (var item in items)
        {
            WritePublish(item.Context, elapsed, item.Failure?.Message ?? reason);
        }
    }

#pragma warning disable CA1873 // The methods below run only where the level is shown.

    private void WritePublish(PublishContext context, double elapsed, string? reason)
    {
        var (name, message, protocol) = (context.EventName, context.Message, context.Caller.Protocol);
        if (reason is null)
        {
            MessageLog.Published(_logger, _level, name, message.GetId(), message.Length, protocol, elapsed);
        }
        else
        {
            MessageLog.NotPublished(_logger, _level, name, message.GetId(), message.Length, protocol, elapsed, reason);
        }
    }

    private void WriteDelivery((DeliverContext Context, DeliverNext Next) call, double elapsed, string? reason)
    {
        var (name, message, protocol) = (call.Context.EventName, call.Context.Message, call.Context.Caller.Protocol);
        var retries = call.Context.RetryCount;
        if (reason is null)
        {
            MessageLog.Delivered(_logger, _level, name, message.GetId(), message.Length, protocol, retries, elapsed);
        }
        else
        {
            MessageLog.NotDelivered(_logger, _level, name, message.GetId(), message.Length, protocol, retries, elapsed, reason);
        }
    }

    private void WriteSettlement((SettleContext Context, SettleNext Next) call, double elapsed, string? reason)
    {
        var (name, message, protocol) = (call.Context.EventName, call.Context.Message, call.Context.Caller.Protocol);
        var settlement = call.Context.Settlement;
        if (reason is null)
        {
            MessageLog.Settled(_logger, _level, name, message.GetId(), message.Length, protocol, settlement, elapsed);
        }
        else
        {
            MessageLog.NotSettled(_logger, _level, name, message.GetId(), message.Length, protocol, settlement, elapsed, reason);
        }
    }

#pragma warning restore CA1873

    private double Elapsed(long start) => Math.Round(_time.GetElapsedTime(start).TotalMilliseconds, 3);
}
