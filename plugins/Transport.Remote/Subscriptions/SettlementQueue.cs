using EventBroker.Client;
using EventBroker.Sdk.Errors;
using EventBroker.Transport.Remote.Messages;
using Microsoft.Extensions.Logging;

namespace EventBroker.Transport.Remote.Subscriptions;

/// <summary>The settlements of one subscription that are on their way to the broker behind.</summary>
internal sealed class SettlementQueue(string eventName, TimeProvider time, ILogger logger, CancellationToken closing)
{
    private const string GivenBack = "given back";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private List<Sent> _sent = [];

    public void Complete(Delivery delivery) => Add(new Sent(delivery, IsNack: false, default));

    public void Release(Delivery delivery, TimeSpan delay) => Add(new Sent(delivery, IsNack: true, delay));

    /// <summary>Ends when the broker behind has answered everything added before.</summary>
    /// <exception cref="BrokerException">Something is not settled.</exception>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        List<Sent> sent;
        lock (_lock)
        {
            if (_sent.Count == 0)
            {
                return;
            }

            sent = _sent;
            _sent = [];
        }

        BrokerException? failure = null;
        List<Sent>? unsent = null;
        var answered = 0;
        try
        {
            for (; answered < sent.Count; answered++)
            {
                try
                {
                    var result = await sent[answered].Result!.WaitAsync(cancellationToken);
                    failure ??= Judge(result);
                }
                catch (EventBrokerException exception)
                {
                    failure ??= RemoteErrors.Translate(exception);
                    (unsent ??= []).Add(sent[answered]);
                }
            }
        }
        finally
        {
            Keep(sent, answered);
            if (unsent is not null)
            {
                RemoteLog.SettlementDelayed(logger, failure!, eventName);
                _ = RepeatAsync(unsent);
            }
        }

        if (failure is not null)
        {
            throw failure;
        }
    }

    private static Task<SettleResult> SendAsync(in Sent settlement) => settlement.IsNack
        ? settlement.Delivery.NackAsync(GivenBack, settlement.Delay)
        : settlement.Delivery.AckAsync();

    private static BrokerException? Judge(SettleResult result) => result switch
    {
        SettleResult.Settled => null,
        SettleResult.Denied => new BrokerException(BrokerErrorCode.PermissionDenied, "the broker behind refused the settlement"),
        SettleResult.Expired or SettleResult.Unknown => new BrokerException(
            BrokerErrorCode.Unavailable, "the broker behind has taken messages back when it lost the connection, and delivers them again"),
        _ => new BrokerException(BrokerErrorCode.Unavailable, "the broker behind could not settle a message, and delivers it again"),
    };

    private void Add(Sent settlement)
    {
        var sent = settlement with { Result = SendAsync(settlement) };
        lock (_lock)
        {
            _sent.Add(sent);
        }
    }

    // What a cancelled flush has not waited for, the next one does.
    private void Keep(List<Sent> sent, int answered)
    {
        if (answered < sent.Count)
        {
            lock (_lock)
            {
                _sent.InsertRange(0, sent[answered..]);
            }
        }
    }

    // For as long as the stream lives nobody else would: the broker behind leaves a deadline to this one.
    private async Task RepeatAsync(List<Sent> unsent)
    {
        try
        {
            while (unsent.Count > 0)
            {
                await Task.Delay(Pause, time, closing);
                var results = unsent.ConvertAll(static s => SendAsync(s));
                for (var i = results.Count - 1; i >= 0; i--)
                {
                    try
                    {
                        await results[i].WaitAsync(closing);
                        unsent.RemoveAt(i);
                    }
                    catch (EventBrokerException exception) when (RemoteErrors.IsOutage(exception.Code))
                    {
                        // The next time.
                    }
                    catch (EventBrokerException exception)
                    {
                        RemoteLog.SettlementDelayed(logger, exception, eventName);
                        unsent.RemoveAt(i);
                    }
                }
            }
        }
        catch (OperationCanceledException) when (closing.IsCancellationRequested)
        {
            // Closed meanwhile.
        }
    }

    private readonly record struct Sent(Delivery Delivery, bool IsNack, TimeSpan Delay)
    {
        public Task<SettleResult>? Result { get; init; }
    }
}
