using EventBroker.Client;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;
using EventBroker.Transport.Remote.Messages;
using ClientDelivery = EventBroker.Client.Delivery;

namespace EventBroker.Transport.Remote.Subscriptions;

/// <summary>A delivery of the broker behind that this one holds, until the one behind has said what became of it or has taken it back.</summary>
internal sealed class HeldDelivery(ClientDelivery delivery)
{
    private const string GivenBack = "given back";

    private readonly Lock _gate = new();
    private Task<SettleResult>? _answer;
    private SettlementAction _asked;
    private volatile bool _isSettled;
    private volatile bool _isLost;

    public ClientDelivery Delivery => delivery;

    /// <summary>Gets whether the broker behind has taken it back.</summary>
    public bool IsLost => _isLost || delivery.IsTakenBack;

    /// <summary>Gets whether there is nothing left to settle.</summary>
    public bool IsOver => _isSettled || IsLost;

    /// <summary>Sends what is to become of it, unless that was sent before and has not failed: then that answer counts.</summary>
    public Task<SettleResult> SendAsync(in TransportSettlement settlement)
    {
        lock (_gate)
        {
            if (_answer is null)
            {
                _asked = settlement.Action;
                _answer = settlement.Action == SettlementAction.Complete
                    ? delivery.AckAsync(CancellationToken.None)
                    : delivery.NackAsync(GivenBack, settlement.Delay, CancellationToken.None);
            }

            return _answer;
        }
    }

    /// <summary>Waits for the answer, and writes down what it means.</summary>
    public async ValueTask<TransportSettlement> JudgeAsync(
        TransportSettlement settlement, Task<SettleResult> answer, CancellationToken cancellationToken)
    {
        try
        {
            (settlement.Outcome, settlement.Failure) = Judge(await answer.WaitAsync(cancellationToken));
        }
        catch (EventBrokerException exception)
        {
            (settlement.Outcome, settlement.Failure) = (SettlementOutcome.Failed, RemoteErrors.Translate(exception));
        }

        lock (_gate)
        {
            if (settlement.Outcome == SettlementOutcome.Failed)
            {
                // The next one is sent anew.
                _answer = _answer == answer ? null : _answer;
            }
            else if (_isSettled || settlement.Action != _asked)
            {
                // Done, but by another settlement of the same delivery.
                settlement.Outcome = SettlementOutcome.LeaseLost;
            }
            else
            {
                _isSettled = true;
            }
        }

        return settlement;
    }

    /// <summary>Ends the hold without a word to the broker behind.</summary>
    public void Return() => _isSettled = true;

    /// <summary>The broker behind has said that it has taken it back.</summary>
    public void Lose() => _isLost = true;

    private static (SettlementOutcome Outcome, BrokerException? Failure) Judge(SettleResult result) => result switch
    {
        SettleResult.Settled => (SettlementOutcome.Done, null),
        SettleResult.Expired or SettleResult.Unknown => (SettlementOutcome.LeaseLost, null),
        SettleResult.Denied => Fails(BrokerErrorCode.PermissionDenied, "the broker behind refused the settlement"),
        SettleResult.Invalid => Fails(BrokerErrorCode.InvalidArgument, "the broker behind does not take this delay"),
        _ => Fails(BrokerErrorCode.Unavailable, "the transport of the broker behind has failed"),
    };

    private static (SettlementOutcome Outcome, BrokerException? Failure) Fails(BrokerErrorCode code, string message) =>
        (SettlementOutcome.Failed, new BrokerException(code, message));
}
